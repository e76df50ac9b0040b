// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Experiment
import Protocol
import Suites

/// The options of every command that measures two kernels in guests.
public struct KernelPairOptions: ParsableArguments {
    /// Options in common with other commands.
    @OptionGroup public var common: CommonOptions
    /// When cells stop.
    @OptionGroup public var comparison: ComparisonOptions
    /// What was published before.
    @OptionGroup public var published: ClaimOptions
    /// The machines.
    @OptionGroup(title: "Options of the guests") public var guest: GuestOptions
    /// What only the baseline's kernel gets.
    @Option(help: ArgumentHelp("Like --append, for the baseline's guest only.", valueName: "words"))
    public var appendA: [String] = []
    /// What only the candidate's kernel gets.
    @Option(
        help: ArgumentHelp("Like --append, for the candidate's guest only.", valueName: "words"))
    public var appendB: [String] = []
    /// Pairs of boots.
    @OptionGroup public var boots: RoundOptions
    /// Layouts of the kernels.
    @OptionGroup public var relinks: RelinkOptions
    /// Whether one guest is up at a time.
    @Flag(
        help: ArgumentHelp(
            "Run one guest at a time, to save memory: each block spans a pair of boots."))
    public var alternate = false
    /// Whether less time will do.
    @Flag(
        help: ArgumentHelp(
            "Use a budget of 24s per cell, unless --budget or --blocks is given. What is "
                + "traced after the measurement stays the same."))
    public var quick = false
    /// A whole configuration of the user's own.
    @Option(
        help: ArgumentHelp(
            "Build with this kernel configuration instead of ours.", valueName: "file"),
        completion: .file())
    public var config: String?

    /// Made by the argument parser.
    public init() {}

    /// The cells of a suite that were asked for.
    ///
    /// - Throws: `usage` for a suite, a cell or a setting that is wrong.
    func cells(of suite: SuiteSource, _ console: Console) throws(PlumblineError) -> SuiteRecord {
        let overrides = try Overrides(
            assignments: common.set, slice: common.slice, slices: nil,
            allowDestructive: common.allowDestructive)
        return try common.suite(from: suite, overrides, controls: comparison.controls, console)
    }

    /// The rule by which the cells of a suite stop.
    ///
    /// - Throws: `usage` for options that exclude each other or allow no verdict.
    func stopping(
        _ suite: SuiteRecord, metric: Metric
    ) throws(PlumblineError) -> StoppingPlan {
        if alternate {
            let rounds = try boots.count(metric)
            guard metric == .time, !comparison.setsLength else {
                throw .usage(
                    "--alternate is not supported with --budget, --max-budget, --blocks, "
                        + "--until-decided or --metric instructions",
                    remedy: "give --rounds, the number of pairs of boots")
            }
            let plan = try StoppingPlan(blocks: rounds, rounds: rounds)
            return comparison.noEarlyStop ? plan.judgedOnce() : plan
        }
        var comparison = comparison
        if quick, metric == .time, comparison.budget == nil, comparison.blocks == nil {
            comparison.budget = "24s"
        }
        return try boots.stopping(suite, metric: metric, comparison)
    }

    /// The first option given that needs kernels in guests.
    var optionOfGuests: String? {
        let given = [
            ("--append-a", !appendA.isEmpty), ("--append-b", !appendB.isEmpty),
            ("--relinks", relinks.relinks != nil), ("--config", config != nil),
            ("--alternate", alternate), ("--claims", published.claims != nil),
            ("--metric", (guest.metric.given ?? .time) != .time),
        ]
        return guest.guestOption ?? given.first { $0.1 }?.0
    }
}
