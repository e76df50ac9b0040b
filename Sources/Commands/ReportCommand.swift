// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Journal
import Reports
import Verdicts

/// `plumbline report`: what stored journals say, several in one table.
public struct ReportCommand: ConsoleCommand {
    /// On a terminal, in a pager.
    public static let usesPager = true
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Print what a journal says, or several in one table.",
        usage: "plumbline report [<options>] <journal> ...",
        discussion: """
            One journal: the verdicts of `ab` or `toggle`, or the rates of `run`. Several: a table \
            with a row for each cell and a column for each journal; they are not pooled. It says \
            what the journals differ in without showing it, as do html, and json in `warnings`; \
            csv and the others do not.

            Exit codes: those of `compare`, for the cells that are shown and the worst journal. \
            A journal of `run` gives 0, or 5 if no slice of a cell counts.

            EXAMPLES
              plumbline report ab.jsonl
              plumbline report ab.jsonl --format lkml >> cover-letter.txt
              plumbline report nightly/*.jsonl --filter 'cell:pipe/* -verdict:equivalent'
              plumbline report a.jsonl b.jsonl --row workload --col pressure
              plumbline report a.jsonl b.jsonl --format csv --output verdicts.csv
              plumbline report ab.jsonl --format gobench | benchstat -col arm -
              plumbline report --schema
            """)

    /// The journals.
    @Argument(help: "Journals.", completion: .journals) public var journals: [String] = []
    /// The result's form.
    @Option(help: ReportFormat.help) public var format = ReportFormat.text
    /// Which cells, in which order.
    @OptionGroup(title: "Cells and layout") public var arrangement: ArrangementOptions
    /// Where it goes.
    @OptionGroup(title: "Output") public var output: OutputOptions
    /// Whether 4 becomes 0.
    @Flag(name: .customLong("inconclusive-ok"), help: "Exit with 0 instead of 4.")
    public var inconclusiveIsOK = false
    /// Whether to print the document's schema and no more.
    @Flag(help: "Print the JSON Schema of --format json for several journals, and exit.")
    public var schema = false

    /// Made by the argument parser.
    public init() {}

    /// Judges and prints.
    public func run(on console: Console) throws -> Int32 {
        if schema {
            console.document(ReportFormat.reportsSchemaText)
            return 0
        }
        guard !journals.isEmpty else {
            throw PlumblineError.usage(
                "report: missing a journal", remedy: "see `plumbline report --help`")
        }
        let filter = try arrangement.cells()
        try output.check(besides: journals)
        let names = Self.names(journals)
        let results = try JournalResult.keeping(
            filter,
            of: zip(names, journals).map { name, path in
                (name: name, result: try result(of: path, on: console))
            })
        for name in names where !results.contains(where: { $0.name == name }) {
            console.diagnostics("plumbline: \(name.printable): no cell fits --filter\n")
        }
        guard journals.count > 1 || arrangement.isGiven else {
            switch results[0].result {
            case .verdicts(let report): try output.show(report, as: format, on: console)
            case .run(let report): try output.show(report, as: format, on: console)
            }
            return results[0].result.exitCode
        }
        let overview = try arrangement.overview(of: results, as: format)
        if format.name != ReportFormat.text.name {
            for warning in overview.repeats {
                console.diagnostics("plumbline: warning: \(warning.printable)\n")
            }
        }
        try output.show(overview, as: format, on: console)
        return overview.exitCode
    }

    private func result(
        of path: String, on console: Console
    ) throws(PlumblineError) -> JournalResult {
        let journal = try StoredJournal(readingFrom: path)
        guard journal.header.comparison != nil else { return try JournalResult(journal) }
        return .verdicts(
            try console.verdicts(of: journal, inconclusiveIsOK: inconclusiveIsOK))
    }

    /// The names of journals: those of their files without `.jsonl`, or the paths where two files
    /// have one name.
    private static func names(_ paths: [String]) -> [String] {
        let short = paths.map { path in
            let file = path.split(separator: "/").last.map(String.init) ?? path
            return file.hasSuffix(".jsonl") ? String(file.dropLast(6)) : file
        }
        let names = zip(paths, short).map { path, name in
            short.count { $0 == name } > 1 ? path : name
        }
        // A journal that is given twice is two columns.
        var uses: [String: Int] = [:]
        return names.map { name in
            uses[name, default: 0] += 1
            return uses[name] == 1 ? name : "\(name) #\(uses[name] ?? 0)"
        }
    }
}
