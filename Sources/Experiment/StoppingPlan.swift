// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics
import Verdicts

/// When the cells of a comparison stop, settled before the first slice.
public struct StoppingPlan: Sendable, Equatable {
    /// The fewest blocks for a verdict.
    public static let leastBlocks = LookPlan.leastBudget
    /// More blocks than this are asked for by mistake.
    public static let mostBlocks = 1_000_000
    /// Looks that a budget is divided into.
    static let looks = 8

    /// The rule.
    public let rule: ComparisonRecord.Rule
    /// Blocks of a cell: all there will be, or how many are expected.
    public let blocks: Int
    /// The cap of a rule without a budget.
    public let cap: Int?

    /// The most blocks of a cell that count.
    public var most: Int { cap ?? blocks }

    /// As many blocks a cell as fit into a measuring time, guards included, with 8 looks.
    ///
    /// - Parameter budget: nanoseconds a cell.
    /// - Throws: `usage` below six blocks, saying the least budget that works.
    public init(budget: Int, suite: SuiteRecord) throws(PlumblineError) {
        try self.init(blocks: Self.blocks(in: budget, suite, "--budget"))
    }

    /// A number of blocks a cell with 8 looks.
    ///
    /// - Throws: `usage` below six.
    public init(blocks: Int) throws(PlumblineError) {
        guard (Self.leastBlocks...Self.mostBlocks).contains(blocks) else {
            throw .usage(
                "invalid value '\(blocks)' for --blocks "
                    + "(allowed: \(Self.leastBlocks) to \(Self.mostBlocks))",
                remedy: "a verdict needs at least \(Self.leastBlocks) blocks of four slices")
        }
        rule = .budget
        self.blocks = blocks
        cap = nil
    }

    /// A look after every block until the answer is there, at best near the blocks that fit into
    /// the time expected, and never past the blocks that fit into the longest.
    ///
    /// - Parameters:
    ///   - expected: nanoseconds a cell.
    ///   - longest: nanoseconds a cell.
    /// - Throws: `usage` below six blocks, or when the longest is shorter than what is expected.
    public init(
        untilDecided expected: Int, longest: Int, suite: SuiteRecord
    ) throws(PlumblineError) {
        rule = .untilDecided
        blocks = try Self.blocks(in: expected, suite, "--budget")
        cap = try Self.blocks(in: longest, suite, "--max-budget")
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
        rule = .fixed
        blocks = try Self.blocks(in: budget, suite, "--minutes")
        cap = nil
    }

    /// Some blocks a cell whose values repeat, judged by how well they do.
    ///
    /// - Throws: `usage` below two.
    public init(repeated blocks: Int) throws(PlumblineError) {
        guard (2...Self.mostBlocks).contains(blocks) else {
            throw .usage(
                "invalid value '\(blocks)' for --blocks (allowed: 2 to \(Self.mostBlocks))",
                remedy: "with --metric instructions, give --rounds")
        }
        rule = .repeated
        self.blocks = blocks
        cap = nil
    }

    /// Blocks that fit into a time.
    private static func blocks(
        in time: Int, _ suite: SuiteRecord, _ option: String
    ) throws(PlumblineError) -> Int {
        let block = blockTime(suite)
        let count = time / block
        guard count >= leastBlocks else {
            let least = Decimal.time(nanoseconds: Double(leastBlocks * block))
            let one = Decimal.time(nanoseconds: Double(block))
            throw .usage(
                "\(option) \(Decimal.time(nanoseconds: Double(time))) is too small: a block takes "
                    + "\(one), and a verdict needs \(leastBlocks) of each cell",
                remedy: "give \(option) \(least) or more, or a shorter --slice")
        }
        return min(count, mostBlocks)
    }

    /// How long a block takes, nanoseconds: four slices with their guards.
    static func blockTime(_ suite: SuiteRecord) -> Int {
        Block.length * (suite.slice + suite.guardTime)
    }

    /// What the journal's header says of it.
    ///
    /// - Parameter equivalence: ±X as a fraction.
    public func record(
        arms: ComparisonRecord.Arms, knobs: [ComparisonRecord.Knob], equivalence: Double
    ) -> ComparisonRecord {
        ComparisonRecord(
            arms: arms, knobs: knobs, rule: rule, blocks: blocks, mostBlocks: cap,
            looks: Self.looks, equivalence: equivalence)
    }
}

extension ComparisonRecord {
    /// The most blocks of a cell that count.
    var limit: Int { mostBlocks ?? blocks }
}
