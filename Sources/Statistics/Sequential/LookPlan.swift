// SPDX-License-Identifier: GPL-3.0-or-later

/// A number of blocks fixed first, with looks on the way: after how many blocks, and at which levels.
public struct LookPlan: StoppingRule, Equatable {
    /// One look to come.
    public struct PlannedLook: Sendable, Equatable {
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
    public let looks: [PlannedLook]

    /// Looks at n = ⌈k·N/K⌉ blocks; those below 5 blocks are left out, and of two looks at the same
    /// n the later stays.
    ///
    /// - Parameter first: looks at fewer blocks are left out, which costs no error rate; such as
    ///   those at which not every planned round has begun.
    /// - Throws: `outOfRange` for a budget below 6 blocks.
    public init(
        budget: Int, bounds: GroupSequential = .eight, from first: Int = Self.leastBlocks
    ) throws(StatisticsError) {
        try Check.count(budget, atLeast: Self.leastBudget, "budget in blocks")
        self.budget = budget
        func blocks(_ look: Int) -> Int {
            let (quotient, rest) = budget.quotientAndRemainder(dividingBy: bounds.looks)
            return quotient * look + (rest * look + bounds.looks - 1) / bounds.looks
        }
        looks = (1...bounds.looks).filter { look in
            (blocks(look) >= max(first, Self.leastBlocks) || look == bounds.looks)
                && (look == bounds.looks || blocks(look) < blocks(look + 1))
        }.map { look in
            PlannedLook(
                number: look, blocks: blocks(look), share: Double(look) / Double(bounds.looks),
                differenceLevel: bounds.differenceLevel(look: look),
                equivalenceLevel: bounds.equivalenceLevel(look: look))
        }
    }
}

extension LookPlan {
    /// Each planned look may end it.
    public var stopsEarly: Bool { true }

    /// Takes the first look that decides, else the last one reached.
    public func analysis(
        of observations: Observations, margin: EquivalenceMargin
    ) throws(StatisticsError) -> SequentialAnalysis {
        let reached = looks.filter { $0.blocks <= observations.effects.count }
        var seen: [(p: Double, share: Double)] = []
        for (index, planned) in reached.enumerated() {
            let look = try Look(
                observations.first(planned.blocks), difference: planned.differenceLevel,
                equivalence: planned.equivalenceLevel, margin: margin)
            seen.append((look.p, planned.share))
            guard look.isDecided || index == reached.count - 1 else { continue }
            return SequentialAnalysis(
                look: look, number: planned.number, blocks: planned.blocks,
                level: planned.differenceLevel, repeatedP: GroupSequential.repeatedP(seen))
        }
        let look = try Look(observations, difference: 0, equivalence: 0, margin: margin)
        return SequentialAnalysis(
            look: look, blocks: observations.effects.count, level: 0, repeatedP: 1)
    }

    /// Student's t at the level of the look that the verdict rests on.
    public func interval(of verdict: Verdict) -> Interval {
        let planned = looks.first { $0.number == verdict.look }
        return planned.flatMap {
            try? verdict.estimate.interval(confidence: 1 - $0.differenceLevel)
        }
            ?? verdict.interval
    }
}
