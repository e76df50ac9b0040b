// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics
import Verdicts

/// When the cells of a comparison stop, settled before the first slice.
public struct StoppingPlan: Sendable, Equatable {
    /// The fewest blocks for a verdict where all run in one boot.
    public static let leastBlocks = Verdict.leastUnits + 1
    /// The fewest rounds of boots for a verdict.
    public static let leastRounds = Verdict.leastUnits
    /// More blocks than this are asked for by mistake.
    public static let mostBlocks = 1_000_000

    /// The rule.
    public private(set) var rule: ComparisonRecord.Rule
    /// Blocks of a cell: all there will be, or how many are expected.
    public let blocks: Int
    /// The cap of a rule without a budget.
    public let cap: Int?
    /// Looks that a budget is divided into.
    let looks: Int

    /// The most blocks of a cell that count.
    public var most: Int { cap ?? blocks }

    /// As many blocks a cell as fit into a measuring time, guards included, with 8 looks at most.
    ///
    /// - Parameters:
    ///   - budget: nanoseconds a cell, divided evenly over the rounds.
    ///   - rounds: rounds of boots; nil where all run in one boot.
    /// - Throws: `usage` below six blocks or one a round, saying the least budget that works.
    public init(budget: Int, suite: SuiteRecord, rounds: Int? = nil) throws(PlumblineError) {
        let count = try Self.blocks(in: budget, suite, rounds: rounds, "--budget")
        try self.init(blocks: rounds.map { count / $0 * $0 } ?? count, rounds: rounds)
    }

    /// A number of blocks a cell, with 8 looks at most.
    ///
    /// - Parameters:
    ///   - blocks: over all rounds; made up to as many in each round.
    ///   - rounds: rounds of boots; nil where all run in one boot.
    /// - Throws: `usage` below six, or below one a round.
    public init(blocks: Int, rounds: Int? = nil) throws(PlumblineError) {
        self.init(
            .budget, blocks: try Self.whole(blocks, rounds: rounds), rounds: rounds)
    }

    /// A look after every block or round until the answer is there, at best near the blocks that
    /// fit into the time expected, and never past the blocks that fit into the longest.
    ///
    /// - Parameters:
    ///   - expected: nanoseconds a cell.
    ///   - longest: nanoseconds a cell.
    ///   - rounds: into how many rounds of boots the time expected is divided; nil for one boot.
    /// - Throws: `usage` below six blocks or one a round, or when the longest is shorter than what
    ///   is expected.
    public init(
        untilDecided expected: Int, longest: Int, suite: SuiteRecord, rounds: Int? = nil
    ) throws(PlumblineError) {
        let count = try Self.blocks(in: expected, suite, rounds: rounds, "--budget")
        let most = try Self.blocks(in: longest, suite, rounds: rounds, "--max-budget")
        let each = rounds.map { count / $0 } ?? 1
        self.init(
            .untilDecided, blocks: rounds.map { each * $0 } ?? count, rounds: rounds,
            cap: most / each * each)
        guard longest >= expected else {
            throw .usage(
                "--max-budget is shorter than --budget",
                remedy: "with --until-decided, --budget is the time expected")
        }
    }

    /// As many blocks a cell as fit into a measuring time, all of them measured and judged once.
    ///
    /// - Throws: `usage` below six blocks.
    public init(fixed budget: Int, suite: SuiteRecord) throws(PlumblineError) {
        self.init(
            .fixed, blocks: try Self.blocks(in: budget, suite, rounds: nil, "--minutes"),
            rounds: nil)
    }

    /// Some blocks a cell in rounds of boots whose values repeat, judged by how well they do.
    ///
    /// - Parameter blocks: over all rounds; made up to as many in each round.
    /// - Throws: `usage` below one a round.
    public init(repeated blocks: Int, rounds: Int) throws(PlumblineError) {
        self.init(
            .repeated, blocks: try Self.whole(blocks, rounds: rounds), rounds: rounds)
    }

    private init(
        _ rule: ComparisonRecord.Rule, blocks: Int, rounds: Int?, cap: Int? = nil
    ) {
        self.rule = rule
        self.blocks = blocks
        self.cap = cap
        looks = GroupSequential.looks(units: rounds ?? blocks)
    }

    /// The same blocks, all of them measured and judged once.
    public func judgedOnce() -> StoppingPlan {
        var plan = self
        plan.rule = .fixed
        return plan
    }

    /// The blocks that `--blocks` asks for, made up to as many in each round.
    private static func whole(_ blocks: Int, rounds: Int?) throws(PlumblineError) -> Int {
        let least = rounds ?? leastBlocks
        guard (least...mostBlocks).contains(blocks) else {
            throw .usage(
                "invalid value '\(blocks)' for --blocks (allowed: \(least) to \(mostBlocks))",
                remedy: rounds == nil
                    ? "a verdict needs at least \(least) blocks of four slices"
                    : "each of the \(least) rounds of boots needs a block of four slices")
        }
        return rounds.map { (blocks + $0 - 1) / $0 * $0 } ?? blocks
    }

    /// Blocks that fit into a time, over all rounds.
    private static func blocks(
        in time: Int, _ suite: SuiteRecord, rounds: Int?, _ option: String
    ) throws(PlumblineError) -> Int {
        let block = blockTime(suite)
        let count = time / block
        let needed = rounds ?? leastBlocks
        guard count >= needed else {
            let least = Decimal.time(nanoseconds: Double(needed * block))
            let one = Decimal.time(nanoseconds: Double(block))
            throw .usage(
                "\(option) \(Decimal.time(nanoseconds: Double(time))) is too small: a block takes "
                    + "\(one), and a verdict needs \(needed) of each cell"
                    + (rounds == nil ? "" : ", one a round"),
                remedy: "give \(option) \(least) or more, or a shorter --slice")
        }
        return min(count, mostBlocks)
    }

    /// How long a block takes of the cell whose slices take longest, nanoseconds: four slices with
    /// their guards.
    static func blockTime(_ suite: SuiteRecord) -> Int {
        Block.length * (suite.cells.map { suite.time(of: $0) }.max() ?? suite.slice)
    }

    /// What the journal's header says of it.
    ///
    /// - Parameter equivalence: ±X as a fraction.
    public func record(
        arms: ComparisonRecord.Arms, knobs: [ComparisonRecord.Knob], equivalence: Double
    ) -> ComparisonRecord {
        ComparisonRecord(
            arms: arms, knobs: knobs, rule: rule, blocks: blocks, mostBlocks: cap,
            looks: looks, equivalence: equivalence)
    }
}

extension ComparisonRecord {
    /// The most blocks of a cell that count.
    var limit: Int { mostBlocks ?? blocks }
}
