// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Reports
import Verdicts

/// `plumbline history noise`.
public struct HistoryNoiseCommand: ConsoleCommand {
    /// On a terminal, in a pager.
    public static let usesPager = true
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "noise",
        abstract: "Print how small a change each machine was able to see in a cell.",
        usage: "plumbline history noise [<options>]",
        discussion: """
            The figure is MDE80, the smallest change that an experiment finds with a power of \
            0.8. Of all experiments of a cell, the best, the median, the worst and the last one \
            are printed.

            Exit codes: 0, 1 the history cannot be used, 64 usage error, also for a history that \
            does not exist.

            EXAMPLES
              plumbline history noise
              plumbline history noise --cell 'dio/*' --machine testbox
            """)

    /// Which experiments and cells.
    @OptionGroup public var which: HistoryFilterOptions
    /// The history.
    @OptionGroup public var place: HistoryStoreOption
    /// The result's form.
    @Option(help: ReportFormat.help) public var format = ReportFormat.text

    /// Made by the argument parser.
    public init() {}

    /// Prints.
    public func run(on console: Console) throws -> Int32 {
        try format.checkWithoutCells()
        let points = try place.open(for: .reading, on: console).points(which.filter)
        try console.show(NoiseReport(NoiseMemory.all(points)), as: format)
        return 0
    }
}
