// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Experiment
import Journal
import Protocol
import Reports
import Suites

/// `plumbline suite`: what there is to measure.
struct SuiteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suite",
        abstract: "List, show and check suites.",
        discussion: """
            A suite is a YAML file that lists cells: what is measured. Some are built in.

            EXAMPLES
              plumbline suite list
              plumbline suite show smoke
              plumbline suite check mine.yaml
            """,
        subcommands: [SuiteListCommand.self, SuiteShowCommand.self, SuiteCheckCommand.self])
}

/// `plumbline suite show`: one suite's file, or its cells.
struct SuiteShowCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print the file of a suite, or its cells.",
        discussion: """
            The file of a built-in suite is one to begin your own from. --format json prints the \
            suite as the journal has it: its lists multiplied out, one entry for each cell.

            Exit codes: 0 success, 64 no such suite, or one with an error.

            EXAMPLES
              plumbline suite show smoke >mine.yaml
              plumbline suite show pipe-prealloc --cells
              plumbline suite show mine.yaml --format json
            """)
    static let usesPager = true

    @Argument(help: "The name of a built-in suite, or a YAML file.", completion: .suites)
    var suite: String
    @Flag(help: "Print the short and the full name of each cell.") var cells = false
    @Option(help: ReportFormat.help) var format = ReportFormat.text

    func run(on console: Console) throws -> Int32 {
        try format.checkWithoutVerdicts()
        let source = try SuiteSource.find(suite)
        guard format.name == ReportFormat.text.name else {
            try console.show(SuiteReport(suite: SuiteParser.parse(source)), as: format)
            return 0
        }
        guard cells else {
            console.document(source.text)
            return 0
        }
        console.document(CellList(plan: Plan(.run, try SuiteParser.parse(source), seed: 0)).names)
        return 0
    }
}

/// `plumbline suite check`: whether files are suites.
struct SuiteCheckCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract:
            "Check the file of a suite, and tell how many cells it has and how long they take.",
        discussion: """
            Each error is printed with its line and column. The time is that of `plumbline run`; \
            `--list` of a comparison prints that of the comparison.

            Exit codes: 0 the file is a suite, 64 it is not.

            EXAMPLES
              plumbline suite check mine.yaml
            """)

    @Argument(help: "YAML files, or names of built-in suites.", completion: .suites)
    var suites: [String]

    func run(on console: Console) throws -> Int32 {
        var isWrong = false
        for name in suites {
            switch SuiteParser.check(try SuiteSource.find(name)) {
            case .success(let suite):
                console.document(
                    "\(name): ".printable + CellList(plan: Plan(.run, suite, seed: 0)).time)
            case .failure(let errors):
                isWrong = true
                for error in errors.all {
                    console.diagnostics("plumbline: \("\(error)".printableLines)\n")
                }
            }
        }
        return isWrong ? 64 : 0
    }
}
