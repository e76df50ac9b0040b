// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Journal
import Reports
import Verdicts

/// `plumbline report`: the verdicts of stored journals, several in one table.
public struct ReportCommand: ConsoleCommand {
    /// On a terminal, in a pager.
    public static let usesPager = true
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Print the verdicts of a journal, or of several in one table.",
        discussion: """
            Each journal holds two arms: it was written by `ab` or `toggle`. The table of several \
            lists, cell by cell, what each of them says; they are not pooled.

            Exit codes: those of `compare`, for the worst journal.

            EXAMPLES
              plumbline report ab.jsonl
              plumbline report ab.jsonl toggle.jsonl instructions.jsonl
            """)

    /// The journals.
    @Argument(help: "Journals.", completion: .journals) public var journals: [String] = []
    /// The result's form.
    @Option(help: ReportFormat.help) public var format = ReportFormat.text
    /// Whether 4 becomes 0.
    @Flag(name: .customLong("inconclusive-ok"), help: "Exit with 0 instead of 4.")
    public var inconclusiveIsOK = false

    /// Made by the argument parser.
    public init() {}

    /// Judges and prints.
    public func run(on console: Console) throws -> Int32 {
        guard let first = journals.first else {
            throw PlumblineError.usage(
                "report: missing a journal", remedy: "see `plumbline report --help`")
        }
        guard journals.count > 1 else {
            return try console.printReport(
                StoredJournal(readingFrom: first), format: format,
                inconclusiveIsOK: inconclusiveIsOK)
        }
        let reports = try journals.map { path in
            var report = try VerdictReport(StoredJournal(readingFrom: path))
            report.inconclusiveIsOK = inconclusiveIsOK
            return report
        }
        let overview = VerdictOverview(reports)
        try console.show(overview, as: format)
        return overview.exitCode
    }
}
