// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Experiment
import Protocol

/// The option of how often guests boot anew.
public struct RoundOptions: ParsableArguments {
    /// Rounds of boots.
    @Option(
        help: ArgumentHelp(
            "Rounds of boots, at least 5. Default: 8; 5 with --metric instructions.",
            valueName: "number"))
    public var rounds: Int?

    /// Made by the argument parser.
    public init() {}

    /// The rounds of an experiment.
    ///
    /// - Throws: `usage` for too few for a verdict.
    func count(_ metric: Metric) throws(PlumblineError) -> Int {
        let least = StoppingPlan.leastRounds
        let count = rounds ?? (metric == .instructions ? least : 8)
        guard (least...1000).contains(count) else {
            throw .usage(
                "invalid value '\(count)' for --rounds (allowed: \(least) to 1000)",
                remedy: "boots differ, so that a verdict needs at least \(least) of each kernel")
        }
        return count
    }

    /// The rule by which the cells of a suite stop.
    ///
    /// - Throws: `usage` for options that exclude each other or allow no verdict.
    func stopping(
        _ suite: SuiteRecord, metric: Metric, _ comparison: ComparisonOptions
    ) throws(PlumblineError) -> StoppingPlan {
        let count = try count(metric)
        guard metric == .instructions else {
            return try comparison.stopping(suite, rounds: count)
        }
        guard comparison.budget == nil, !comparison.untilDecided else {
            throw .usage(
                "--budget and --until-decided are not supported with --metric instructions",
                remedy: "give --rounds")
        }
        return try StoppingPlan(repeated: comparison.blocks ?? 2 * count, rounds: count)
    }
}
