// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Reports

/// `plumbline history list`.
public struct HistoryListCommand: ConsoleCommand {
    /// On a terminal, in a pager.
    public static let usesPager = true
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List experiments, the newest first.",
        usage: "plumbline history list [<options>]",
        discussion: """
            Exit codes: 0, also when nothing fits; 1 the history cannot be used, 64 usage error, \
            also for a history that does not exist.

            EXAMPLES
              plumbline history list --limit 10
              plumbline history list --suite demo --machine EPYC --cell 'pipe/*'
              plumbline history list --format json
            """)

    /// Which experiments.
    @OptionGroup public var which: HistoryFilterOptions
    /// How many.
    @Option(help: ArgumentHelp("At most so many.", valueName: "n")) public var limit: Int?
    /// The history.
    @OptionGroup public var place: HistoryStoreOption
    /// The result's form.
    @Option(help: ReportFormat.help) public var format = ReportFormat.text

    /// Made by the argument parser.
    public init() {}

    /// Lists.
    public func run(on console: Console) throws -> Int32 {
        guard limit ?? 1 > 0 else {
            throw PlumblineError.usage(
                "invalid value '\(limit ?? 0)' for --limit (allowed: 1 or more)")
        }
        try format.checkWithoutCells()
        let list = try place.open(for: .reading, on: console).list(which.filter, limit: limit)
        try console.show(HistoryListReport(list), as: format)
        return 0
    }
}
