// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Reports
import Statistics
import Verdicts

/// `plumbline history trend`.
public struct HistoryTrendCommand: ConsoleCommand {
    /// On a terminal, in a pager.
    public static let usesPager = true
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "trend",
        abstract: "Find where the effect in a cell changed over the experiments.",
        usage: "plumbline history trend [<options>]",
        discussion: """
            A series holds the experiments of one cell, suite, metric and machine that have one \
            baseline, or one toggle on one version of the kernel, and one setting of \
            init_on_alloc and of other words of the kernel's command line. Within it, levels and \
            the changes between them are searched for: p < 0.001, at least 3 experiments on \
            either side, and a least size. The same experiments always have the same changes.

            With --rate, the rate of B is searched in the place of the effect, by version of \
            plumbline. --format html is a page with a plot of each series.

            Exit codes: 0, also with changes; 1 the history cannot be used, 64 usage error, also \
            for a history that does not exist. `history gate` has an exit code for a script.

            EXAMPLES
              plumbline history trend --cell 'pipe/*'
              plumbline history trend --suite demo --least-change 0.5% --format json
              plumbline history trend --cell '*memcg*' --format html --output memcg.html
            """)

    /// Which experiments and cells.
    @OptionGroup public var which: HistoryFilterOptions
    /// Whether rates are looked at.
    @Flag(help: "Search the rate of B, not the effect.") public var rate = false
    /// The size of a change.
    @Option(
        help: ArgumentHelp(
            "Changes of the level that are smaller are none (default: 1%).",
            valueName: "percent"))
    public var leastChange: String?
    /// The history.
    @OptionGroup public var place: HistoryStoreOption
    /// The result's form.
    @Option(help: ReportFormat.help) public var format = ReportFormat.text
    /// Where it goes.
    @OptionGroup(title: "Output") public var output: OutputOptions

    /// Made by the argument parser.
    public init() {}

    /// Searches and prints.
    public func run(on console: Console) throws -> Int32 {
        let least = try fraction()
        try format.checkWithoutCells()
        try output.check(besides: [try place.path(on: console)], what: "the history")
        let points = try place.open(for: .reading, on: console).points(which.filter)
        let trends: [Trend]
        do throws(StatisticsError) {
            trends = try Trend.all(points, of: rate ? .rate : .effect, leastChange: least)
        } catch {
            throw PlumblineError.failure("the history's figures cannot be used: \(error)")
        }
        try output.show(
            TrendReport(trends, leastChange: least), as: format, on: console)
        return 0
    }

    private func fraction() throws(PlumblineError) -> Double {
        guard let leastChange else { return Trend.leastChange }
        guard leastChange.hasSuffix("%"), let percent = Double(leastChange.dropLast()),
            percent >= 0, percent <= 100
        else {
            throw .invalid(
                leastChange, for: "--least-change", allowed: "0% to 100%", unit: "%")
        }
        return percent / 100
    }
}
