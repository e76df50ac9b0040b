// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Journal
import Linux
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
        return try VerdictReport(builder.ended())
    }

    @Test(arguments: [
        "text", "json", "gate", "junit", "ktap", "lava", "tmt", "lkml", "csv", "gobench",
    ])
    func wholeOutput(_ name: String) throws {
        let format = try #require(ReportFormat(named: name))
        let text = try format.renderer.render(Self.report(), style: .plain)
            .replacing(plumblineVersion, with: "VERSION")
        try Self.check(text, "small.\(name)")
    }

    /// The pages without plots and style sheet: of one journal, of several, and of trends.
    @Test(arguments: ["small", "several", "trend"])
    func wholePages(_ name: String) throws {
        let reports: [String: any Report] = [
            "small": try Self.report(), "several": try HTMLPageTests.several(),
            "trend": try TrendPageTests.report(),
        ]
        let report = try #require(reports[name])
        let page = try HTMLRenderer.withoutPlots.render(report, style: .plain)
        try Self.check(
            page.replacing(plumblineVersion, with: "VERSION")
                .replacing(HTMLRenderer.styleSheet, with: ""), "\(name).html")
    }

    /// Compares a text with a file, or writes it.
    private static func check(_ text: String, _ name: String) throws {
        let path = "\(directory)/\(name)"
        if ProcessInfo.processInfo.environment["PLUMBLINE_WRITE_GOLDEN"] != nil {
            try Descriptor.open(path, [.write, .create, .truncate]).writeAll(text)
        }
        #expect(try SystemFile.read(path) == text)
    }
}
