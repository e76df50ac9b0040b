// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Reports

/// `plumbline history show`.
public struct HistoryShowCommand: ConsoleCommand {
    /// On a terminal, in a pager.
    public static let usesPager = true
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print what is kept of one experiment.",
        discussion: """
            Exit codes: 0, 1 the history cannot be used, 64 usage error, also if there is no such \
            history, no experiment has this id, or the ids of several begin so.

            EXAMPLES
              plumbline history show 20261130T001248Z-fa1b7b75
              plumbline history show 20261130 --format json
            """)

    /// The experiment.
    @Argument(help: "An experiment's id, or the beginning of it.", completion: .historyIDs) public
        var id: String?
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
        guard let first = chosen.first else {
            throw PlumblineError.usage(
                "no experiment's id begins with '\(id)'", remedy: "see `plumbline history list`")
        }
        // Two journals may have one id where a clock was set back, or somebody wrote one by hand.
        let isOne = chosen.allSatisfy { $0.experiment.id == first.experiment.id }
        guard isOne, chosen.count == 1 || format.name == ReportFormat.text.name else {
            let lines = chosen.prefix(shown).map {
                "    \($0.experiment.id), \($0.experiment.suite), began \($0.experiment.startText)"
            }
            throw PlumblineError.usage(
                isOne
                    ? "\(chosen.count) experiments have the id '\(first.experiment.id)'"
                    : "'\(id)' is the beginning of several ids",
                remedy: ([isOne ? "use --format text for:" : "give more of one of:"] + lines)
                    .joined(separator: "\n") + (chosen.count > shown ? "\n    …" : ""))
        }
        try console.show(ExperimentReport(chosen), as: format)
        return 0
    }
}
