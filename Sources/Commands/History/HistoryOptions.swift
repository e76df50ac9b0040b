// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import History
import Verdicts

/// Which history.
public struct HistoryStoreOption: ParsableArguments {
    /// Its file.
    @Option(
        help: ArgumentHelp("The file of the history.", valueName: "file"),
        completion: .file(extensions: ["sqlite"]))
    public var store: String?

    /// Made by the argument parser.
    public init() {}

    /// Opens it.
    func open(
        for access: HistoryStore.Access, on console: Console
    ) throws(PlumblineError) -> HistoryStore {
        try HistoryStore(try path(on: console), for: access)
    }

    /// Where its file is.
    func path(on console: Console) throws(PlumblineError) -> String {
        try HistoryStore.path(option: store, environment: console.environment)
    }
}

/// Which experiments and cells.
public struct HistoryFilterOptions: ParsableArguments {
    /// By suite.
    @Option(
        help: ArgumentHelp("Only suites whose name fits.", valueName: "glob"),
        completion: .historySuites)
    public var suite: String?
    /// By machine.
    @Option(
        help: ArgumentHelp(
            "Only machines whose description holds this; it may have `*` and `?`.",
            valueName: "text"))
    public var machine: String?
    /// By cell.
    @Option(
        help: ArgumentHelp("Only cells whose name, full or short, fits.", valueName: "glob"),
        completion: .historyCells)
    public var cell: String?

    /// Made by the argument parser.
    public init() {}

    /// What they mean.
    var filter: HistoryStore.Filter {
        HistoryStore.Filter(suite: suite, machine: machine, cell: cell)
    }
}

extension HistoryStore.Addition {
    /// `2 added, 1 unchanged`.
    static func text(_ additions: [Self]) -> String {
        let counts = allCases.compactMap { kind in
            let count = additions.count { $0 == kind }
            return count > 0 ? "\(count) \(kind.rawValue)" : nil
        }
        return counts.isEmpty ? "nothing to add" : counts.joined(separator: ", ")
    }
}
