// SPDX-License-Identifier: GPL-3.0-or-later

import Protocol
import Testing
import Verdicts

@testable import Reports

struct VerdictOverviewTests {
    private static let cells = ["pipe/a/none", "pipe/b/none"]

    /// The verdicts of a journal with both cells.
    private static func report(
        effect: Double, accelerator: String? = nil
    ) throws -> VerdictReport {
        var builder = JournalBuilder(cells: cells)
        for cell in cells { builder.add(24, of: cell, effect: effect) }
        builder.journal.header.plan.guest = accelerator.map {
            GuestRecord(
                image: "bzImage", accelerator: $0, metric: .time, machine: "microvm", cpus: 2,
                memory: 1 << 30, nodes: 1, pins: [], commandLine: "")
        }
        return try VerdictReport(builder.journal)
    }

    @Test func severalJournalsAreOneTableCellByCell() throws {
        let overview = VerdictOverview([
            try Self.report(effect: 1.1), try Self.report(effect: 0.9),
        ])
        let lines = overview.text().split(separator: "\n")
        #expect(lines.map { $0.hasPrefix("pipe") } == [true, false, false, true, false, false])
        #expect(lines[1].contains("vm.x 1 to 2") && lines[1].hasSuffix("improved"))
        #expect(lines[2].hasSuffix("regressed"))
        #expect(overview.exitCode == 3)
        guard case .object(let document) = try overview.json(),
            case .array(let reports)? = document["reports"]
        else {
            Issue.record("no reports")
            return
        }
        #expect(reports.count == 2)
    }

    @Test func figuresOfEmulatedGuestsAreLabelled() throws {
        let real = VerdictOverview([try Self.report(effect: 1.1, accelerator: "kvm")])
        #expect(!real.text().contains("were emulated"))
        let emulated = VerdictOverview([try Self.report(effect: 1.1, accelerator: "tcg")])
        #expect(emulated.text().contains("The guests were emulated."))
    }
}
