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

    private static let formats = [
        "text", "json", "gate", "junit", "ktap", "lava", "tmt", "lkml", "csv", "gobench",
    ]

    @Test(arguments: formats) func wholeOutput(_ name: String) throws {
        try check(SeveralJournals.toggle(), as: name, file: "small")
    }

    /// A mail has no run.
    @Test(arguments: formats) func wholeOutputOfSeveralJournals(_ name: String) throws {
        try check(SeveralJournals.overview(runs: name != "lkml"), as: name, file: "several")
    }

    /// A cell whose kernels were traced, in the formats that tell of it.
    @Test(arguments: ["text", "json", "lkml"]) func wholeOutputWithAMechanism(_ name: String) throws
    {
        try check(MechanismTests.traced(), as: name, file: "mechanism")
    }

    private func check(_ report: some Report, as name: String, file: String) throws {
        let format = try #require(ReportFormat(named: name))
        let text = try format.renderer.render(report, style: .plain)
            .replacing(plumblineVersion, with: "VERSION")
        try Self.check(text, "\(file).\(name)")
    }

    /// The pages without plots and style sheet: of one journal, of several, and of trends.
    @Test(arguments: ["small", "several", "trend", "mechanism"])
    func wholePages(_ name: String) throws {
        let reports: [String: any Report] = [
            "small": try SeveralJournals.toggle(), "several": try HTMLPageTests.several(),
            "trend": try TrendPageTests.report(), "mechanism": try MechanismTests.traced(),
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
