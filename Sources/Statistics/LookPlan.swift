// SPDX-License-Identifier: GPL-3.0-or-later

/// After how many blocks an experiment with a budget is looked at, and at which levels.
public struct LookPlan: Sendable, Equatable {
    /// One planned look.
    public struct Look: Sendable, Equatable {
        /// k, from 1.
        public let number: Int
        /// n: the look sees the first n blocks.
        public let blocks: Int
        /// t = k/K.
        public let share: Double
        /// a_k: the two-sided p that shows a difference.
        public let differenceLevel: Double
        /// b_k: the one-sided p that shows equivalence.
        public let equivalenceLevel: Double
    }

    /// The fewest blocks that a budget may have.
    public static let leastBudget = 6
    /// No look sees fewer blocks.
    public static let leastBlocks = 5

    /// N: all blocks there will be.
    public let budget: Int
    /// The looks in order, each with more blocks than the one before.
    public let looks: [Look]

    /// Looks at n = ⌈k·N/K⌉ blocks; those below 5 blocks are left out, and of two looks at the same
    /// n the later stays.
    ///
    /// - Parameter first: looks at fewer blocks are left out, which costs no error rate; such as
    ///   those at which not every planned round has begun.
    /// - Throws: `outOfRange` for a budget below 6 blocks.
    public init(
        budget: Int, bounds: GroupSequential = .eight, from first: Int = Self.leastBlocks
    ) throws(StatisticsError) {
        try Check.notBelow(budget, Self.leastBudget, "budget in blocks")
        self.budget = budget
        func blocks(_ look: Int) -> Int {
            let (quotient, rest) = budget.quotientAndRemainder(dividingBy: bounds.looks)
            return quotient * look + (rest * look + bounds.looks - 1) / bounds.looks
        }
        looks = (1...bounds.looks).filter { look in
            (blocks(look) >= max(first, Self.leastBlocks) || look == bounds.looks)
                && (look == bounds.looks || blocks(look) < blocks(look + 1))
        }.map { look in
            Look(
                number: look, blocks: blocks(look), share: Double(look) / Double(bounds.looks),
                differenceLevel: bounds.differenceLevel(look: look),
                equivalenceLevel: bounds.equivalenceLevel(look: look))
        }
    }
}
