// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import History
import Journal
import Reports
import Statistics
import Verdicts

/// `plumbline history gate`.
public struct HistoryGateCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "gate",
        abstract: "Check whether an experiment found what earlier ones did.",
        usage: "plumbline history gate [<options>] <journal>",
        discussion: """
            Each cell's effect is held against the effects of the earlier experiments of its \
            series (see `history trend`) since the last change, at least 5. regressed and \
            improved: it lies outside of what they lead to expect. equivalent: it is the usual \
            effect, to the journal's margin of equivalence. inconclusive: there are too few \
            earlier experiments, or they vary too much. The journal need not be in the history, \
            and is not added.

            Exit codes: 0 no cell regressed, 3 a cell regressed, 4 a cell is inconclusive, 5 a \
            cell is invalid, 1 the history or the journal cannot be used, 64 usage error, also \
            for a history or a journal that does not exist.

            EXAMPLES
              plumbline history gate tonight.jsonl && plumbline history add tonight.jsonl
              plumbline history gate tonight.jsonl --format junit
            """)

    /// The journal.
    @Argument(help: "A journal.", completion: .journals) public var journal: String?
    /// The history.
    @OptionGroup public var place: HistoryStoreOption
    /// The result's form.
    @Option(help: ReportFormat.help) public var format = ReportFormat.text
    /// Whether 4 becomes 0.
    @Flag(name: .customLong("inconclusive-ok"), help: "Exit with 0 instead of 4.")
    public var inconclusiveIsOK = false

    /// Made by the argument parser.
    public init() {}

    /// Judges and prints.
    public func run(on console: Console) throws -> Int32 {
        guard let journal else {
            throw PlumblineError.usage(
                "history gate: missing a journal", remedy: "see `plumbline history gate --help`")
        }
        let stored = try StoredJournal(readingFrom: journal)
        let entry = try HistoryEntry(stored)
        let points = try place.open(for: .reading, on: console)
            .points(ofCells: entry.cells.map(\.name))
        let gate: HistoryGate
        do throws(StatisticsError) {
            gate = try HistoryGate(
                entry, against: points, margin: stored.header.comparison?.equivalence ?? 0.02)
        } catch {
            throw PlumblineError.failure("the history's figures cannot be used: \(error)")
        }
        let report = HistoryGateReport(gate, inconclusiveIsOK: inconclusiveIsOK)
        try console.show(report, as: format)
        return report.exitCode
    }
}
