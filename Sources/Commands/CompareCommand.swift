// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Experiment
import Journal
import Protocol
import Reports
import Verdicts

/// `plumbline compare`: two stored journals, or the verdicts of one.
public struct CompareCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare two stored journals, or judge one that holds two arms.",
        usage: "plumbline compare [<options>] <journal> [<journal>]",
        discussion: """
            Two journals with two arms each are compared by the effects of their blocks. Two \
            journals with one kernel each are not comparable, because two runs of one kernel \
            differ too; only the ratio of their rates is printed. With --history and the journals \
            of at least six earlier runs of one kernel, they are judged by how much those differ. \
            Journals of different suites, workloads, slice lengths, machines or versions are \
            refused.

            Exit codes: 0 no cell regressed, 3 a cell regressed, 4 a cell is inconclusive or \
            images-differ, 5 invalid or not comparable, 1 a journal cannot be read, 64 a journal is \
            missing, or another usage error.

            EXAMPLES
              plumbline compare monday.jsonl tuesday.jsonl
              plumbline compare toggle.jsonl
              plumbline compare toggle.jsonl --format json --output verdicts.json
              plumbline compare old.jsonl new.jsonl --history earlier/*.jsonl
              plumbline compare --schema
            """)

    /// The first journal.
    @Argument(help: "A journal.", completion: .journals) public var a: String?
    /// The second journal.
    @Argument(
        help: "Another journal; without it, print the verdicts of the first.", completion: .journals
    )
    public var b: String?
    /// Earlier runs of one kernel.
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Journals of at least six earlier runs of one kernel, up to the next option.",
            discussion: "Give A and B first, and each journal once.", valueName: "journal"),
        completion: .journals)
    public var history: [String] = []
    /// The result's form.
    @Option(help: ReportFormat.help) public var format = ReportFormat.text
    /// Where it goes.
    @OptionGroup(title: "Output") public var output: OutputOptions
    /// Whether 4 becomes 0.
    @Flag(name: .customLong("inconclusive-ok"), help: "Exit with 0 instead of 4.")
    public var inconclusiveIsOK = false
    /// Whether to print the document's schema and no more.
    @Flag(help: "Print the JSON Schema of what --format json prints, and compare nothing.")
    public var schema = false

    /// Made by the argument parser.
    public init() {}

    /// Compares.
    ///
    /// - Returns: the exit code.
    public func run(on console: Console) throws -> Int32 {
        if schema {
            console.document(ReportFormat.schemaText)
            return 0
        }
        guard let a else {
            throw PlumblineError.usage(
                "compare: missing a journal", remedy: "see `plumbline compare --help`")
        }
        try output.check(besides: [a] + [b].compactMap { $0 } + history)
        let first = try StoredJournal(readingFrom: a)
        guard let b else {
            guard history.isEmpty else {
                throw PlumblineError.usage(
                    "--history needs two journals to compare",
                    remedy: "give A and B before --history")
            }
            let report = try console.verdicts(of: first, inconclusiveIsOK: inconclusiveIsOK)
            try output.show(report, as: format, on: console)
            return report.exitCode
        }
        let second = try StoredJournal(readingFrom: b)
        var comparison: JournalComparison
        do {
            comparison = try JournalComparison(
                first, second, history: runs(besides: [(first, a), (second, b)]))
        } catch let error as JournalComparison.NotComparable {
            console.diagnostics("plumbline: \(a) and \(b) are not comparable\n")
            for reason in error.reasons { console.diagnostics("  \(reason.printable)\n") }
            return 5
        }
        comparison.inconclusiveIsOK = inconclusiveIsOK
        try output.show(comparison, as: format, on: console)
        return comparison.exitCode
    }

    private func runs(
        besides compared: [(journal: StoredJournal, path: String)]
    ) throws(PlumblineError) -> RunHistory? {
        guard !history.isEmpty else { return nil }
        var runs: [RunHistory.Run] = []
        for path in history {
            runs.append(.init(try StoredJournal(readingFrom: path), name: path))
        }
        return try RunHistory(
            runs, besides: compared.map { .init($0.journal, name: $0.path) })
    }
}
