// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Journal
import Linux
import Protocol
import Testing

@testable import Reports
@testable import Verdicts

/// The whole output of each format for one small journal, held against a file byte by byte.
///
/// With `PLUMBLINE_WRITE_GOLDEN=1` the files are written instead: look at the difference that git
/// shows then.
struct GoldenTests {
    private static let directory =
        #filePath.split(separator: "/").dropLast().reduce(into: "") { $0 += "/\($1)" } + "/Golden"

    private static func report() throws -> VerdictReport {
        let cells = ["pipe/1w1r/64KiB/none", "pipe/2w1r, \"64\"/memcg"]
        var builder = JournalBuilder(cells: cells, rule: .fixed, blocks: 8)
        builder.journal.header.startedAt = 1_700_000_000_000_000_000
        builder.journal.header.plan.arguments = ["toggle", "example", "--knob", "vm.x=1,2"]
        builder.add(8, of: cells[0], effect: 1.1, latency: true)
        builder.add(8, of: cells[1], noise: 0.1)
        for arm in Arm.allCases { builder.journal.add(.mechanism(mechanism(arm, of: cells[0]))) }
        return try VerdictReport(builder.ended())
    }

    /// Three traced slices: 14 pages an operation on both arms, 8 of them before the mutex on B.
    private static func mechanism(_ arm: Arm, of cell: String) -> CellMechanism {
        let slices = (0..<3).map { number in
            var slice = JournalBuilder.slice(cell, UInt64(900 + number))
            slice.mechanism = MechanismRecord(
                counts: [
                    MechanismCount(.pages, 14), MechanismCount(.pages, of: "pipe_write", 13.9),
                    MechanismCount(.pages, of: "do_fault", 0.1),
                    MechanismCount(.lockedPages, arm == .a ? 14 : 6),
                    MechanismCount(.kmallocs, 0),
                    MechanismCount(.waits, 4000 + 100 * Double(number)),
                    MechanismCount(.waitTime, 38.5 + Double(number)),
                    MechanismCount(.otherReclaims, arm == .a ? 0 : 12),
                ], waits: (1...100).map { $0 * (arm == .a ? 1000 : 600) })
            return slice
        }
        return CellMechanism(cell: cell, arm: arm, slices)
    }

    @Test(arguments: [
        "text", "json", "gate", "junit", "ktap", "lava", "tmt", "lkml", "csv", "gobench",
    ])
    func wholeOutput(_ name: String) throws {
        let format = try #require(ReportFormat(named: name))
        let text = try format.renderer.render(Self.report(), style: .plain)
            .replacing(plumblineVersion, with: "VERSION")
        let path = "\(Self.directory)/small.\(name)"
        if ProcessInfo.processInfo.environment["PLUMBLINE_WRITE_GOLDEN"] != nil {
            try Descriptor.open(path, [.write, .create, .truncate]).writeAll(text)
        }
        #expect(try SystemFile.read(path) == text)
    }
}
