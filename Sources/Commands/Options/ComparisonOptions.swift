// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Experiment
import Protocol

/// The options of a comparison: when its cells stop, and what counts as no difference.
public struct ComparisonOptions: ParsableArguments {
    /// Measuring time of a cell.
    @Option(
        help: ArgumentHelp(
            "Measuring time of each cell, guards included. Results are tested up to 8 times.",
            discussion: "Default: 60s. `ab` divides it evenly over the rounds of boots. With "
                + "--until-decided it is the expected time.",
            valueName: "time"))
    public var budget: String?

    /// Blocks of a cell.
    @Option(
        help: ArgumentHelp(
            "Blocks of four slices of each cell over all rounds, instead of --budget.",
            valueName: "number"))
    public var blocks: Int?

    /// Whether to measure each cell until it has a verdict.
    @Flag(
        help: ArgumentHelp(
            "Measure each cell until it has a verdict.",
            discussion: "Results are tested after each block; with `ab`, after each round."))
    public var untilDecided = false

    /// The cap of `untilDecided`.
    @Option(
        help: ArgumentHelp(
            "With --until-decided, the maximum time of each cell. Default: 10 times --budget.",
            valueName: "time"))
    public var maxBudget: String?

    /// Whether every planned block is measured and judged once.
    @Flag(
        help: ArgumentHelp(
            "Measure all planned rounds or blocks, and test the results once at the end.",
            discussion: "An estimate after an early stop tends to be too large. A published "
                + "claim is judged only after all planned rounds."))
    public var noEarlyStop = false

    /// ±X.
    @Option(
        help: ArgumentHelp(
            "The largest change that counts as equivalent. Default: 2%.", valueName: "percent"))
    public var equivalence: String?

    /// Whether cells under a cgroup's limit get their controls.
    @Flag(
        help: ArgumentHelp(
            "For each cell under memcg pressure, measure its two controls too.",
            discussion: "The same workload in a cgroup without a limit: alone, and beside as many "
                + "processes that burn CPU as there are hogs. The report then takes the cell's "
                + "effect apart."))
    public var controls = false

    /// Whether the exit code is 0 for an inconclusive cell.
    @Flag(help: "Exit with 0 instead of 4 if a cell is inconclusive or images-differ.")
    public var inconclusiveOk = false

    /// Made by the argument parser.
    public init() {}

    /// The rule by which the cells of a suite stop.
    ///
    /// - Parameter rounds: rounds of boots; nil where all run in one boot.
    /// - Throws: `usage` for options that exclude each other or allow no verdict.
    func stopping(
        _ suite: SuiteRecord, rounds: Int? = nil
    ) throws(PlumblineError) -> StoppingPlan {
        let plan = try length(suite, rounds: rounds)
        guard noEarlyStop else { return plan }
        guard !untilDecided else {
            throw .usage(
                "--no-early-stop is not supported with --until-decided",
                remedy: "give one of them")
        }
        return plan.judgedOnce()
    }

    private func length(
        _ suite: SuiteRecord, rounds: Int?
    ) throws(PlumblineError) -> StoppingPlan {
        if let blocks {
            guard budget == nil, maxBudget == nil, !untilDecided else {
                throw .usage(
                    "--blocks is not supported with --budget, --max-budget or --until-decided",
                    remedy: "give one of them")
            }
            return try StoppingPlan(blocks: blocks, rounds: rounds)
        }
        let budget = try Self.time(budget ?? "60s", "--budget")
        guard untilDecided else {
            guard maxBudget == nil else {
                throw .usage(
                    "--max-budget is not supported without --until-decided",
                    remedy: "add --until-decided, or leave --max-budget out")
            }
            return try StoppingPlan(budget: budget, suite: suite, rounds: rounds)
        }
        let longest = try maxBudget.map { (text) throws(PlumblineError) in
            try Self.time(text, "--max-budget")
        }
        return try StoppingPlan(
            untilDecided: budget, longest: longest ?? 10 * budget, suite: suite, rounds: rounds)
    }

    /// ±X as a fraction.
    ///
    /// - Throws: `usage` unless it is a percentage above 0 and up to 50 %.
    func margin() throws(PlumblineError) -> Double {
        let text = equivalence ?? "2%"
        guard text.hasSuffix("%"), let percent = Double(text.dropLast()), percent > 0,
            percent <= 50
        else {
            throw .invalid(
                text, for: "--equivalence", allowed: "above 0% to 50%", unit: "%")
        }
        return percent / 100
    }

    /// Whether an option says how long to measure.
    var setsLength: Bool {
        budget != nil || blocks != nil || untilDecided || maxBudget != nil
    }

    /// Nanoseconds of a measuring time.
    ///
    /// - Throws: `usage` for what is no time, or longer than 1000000s.
    static func time(_ text: String, _ option: String) throws(PlumblineError) -> Int {
        guard let time = Duration.nanoseconds(parsing: text), time <= 1_000_000_000_000_000 else {
            throw .invalid(
                text, for: option, allowed: "up to 1000000s, such as 60s or 5m", unit: "s")
        }
        return time
    }
}
