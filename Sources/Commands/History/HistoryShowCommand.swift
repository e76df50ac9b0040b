// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Reports

/// `plumbline history show`.
public struct HistoryShowCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print what is kept of one experiment.",
        discussion: """
            Exit codes: 0, 1 the history cannot be used, 64 no experiment has this id, or several.

            EXAMPLES
              plumbline history show 20261130T001248Z-fa1b7b75
              plumbline history show 20261130 --format json
            """)

    /// The experiment.
    @Argument(help: "An experiment's id, or the beginning of it.") public var id: String?
    /// The history.
    @OptionGroup public var place: HistoryStoreOption
    /// The result's form.
    @Option(help: ReportFormat.help) public var format = ReportFormat.text

    /// Made by the argument parser.
    public init() {}

    /// Prints.
    public func run(on console: Console) throws -> Int32 {
        guard let id, !id.isEmpty else {
            throw PlumblineError.usage(
                "history show: missing an id", remedy: "see `plumbline history list`")
        }
        try format.checkWithoutCells()
        let shown = 5
        let found = try place.open(for: .reading, on: console)
            .experiments(withPrefix: id, limit: shown + 1)
        let exact = found.filter { $0.experiment.id == id }
        let chosen = exact.isEmpty ? found : exact
        guard let entry = chosen.first else {
            throw PlumblineError.usage(
                "no experiment's id begins with '\(id)'", remedy: "see `plumbline history list`")
        }
        guard chosen.count == 1 else {
            let lines = chosen.prefix(shown).map {
                "    \($0.experiment.id), \($0.experiment.suite)"
            }
            throw PlumblineError.usage(
                "'\(id)' is the beginning of several ids",
                remedy: (["give more of one of:"] + lines).joined(separator: "\n")
                    + (chosen.count > shown ? "\n    …" : ""))
        }
        try console.show(ExperimentReport(entry), as: format)
        return 0
    }
}
