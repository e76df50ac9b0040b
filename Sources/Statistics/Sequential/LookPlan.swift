// SPDX-License-Identifier: GPL-3.0-or-later

/// A number of units fixed first, with looks on the way: after how many of them, and at which
/// levels. Rounds of boots are the units where blocks have them, else blocks.
public struct LookPlan: StoppingRule, Equatable {
    /// One look to come.
    public struct PlannedLook: Sendable, Equatable {
        /// k, from 1.
        public let number: Int
        /// n: the look sees the first n units.
        public let units: Int
        /// t = k/K.
        public let share: Double
        /// a_k: the two-sided p that shows a difference.
        public let differenceLevel: Double
        /// b_k: the one-sided p that shows equivalence.
        public let equivalenceLevel: Double
    }

    /// N: all units there will be.
    public let budget: Int
    /// The looks in order, each with more units than the one before; none for a budget below 5.
    public let looks: [PlannedLook]

    /// Looks at n = ⌈k·N/K⌉ units; those below 5 units are left out, which costs no error rate, and
    /// of two looks at the same n the later stays.
    ///
    /// - Parameter bounds: K with its levels; without, 8 looks, or one for every two units.
    /// - Throws: `outOfRange` for a budget below 1.
    public init(budget: Int, bounds: GroupSequential? = nil) throws(StatisticsError) {
        try Check.count(budget, atLeast: 1, "budget in units")
        let looks = GroupSequential.looks(units: budget)
        let bounds = if let bounds { bounds } else { try GroupSequential(looks: looks) }
        self.budget = budget
        func units(_ look: Int) -> Int {
            let (quotient, rest) = budget.quotientAndRemainder(dividingBy: bounds.looks)
            return quotient * look + (rest * look + bounds.looks - 1) / bounds.looks
        }
        self.looks = (1...bounds.looks).filter { look in
            units(look) >= Verdict.leastUnits
                && (look == bounds.looks || units(look) < units(look + 1))
        }.map { look in
            PlannedLook(
                number: look, units: units(look), share: Double(look) / Double(bounds.looks),
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
        let reached = looks.filter { $0.units <= observations.count }
        var seen: [(p: Double, share: Double)] = []
        for (index, planned) in reached.enumerated() {
            let part = observations.first(planned.units)
            let look = try Look(
                part, difference: planned.differenceLevel,
                equivalence: planned.equivalenceLevel, margin: margin)
            seen.append((look.p, planned.share))
            guard look.isDecided || index == reached.count - 1 else { continue }
            return SequentialAnalysis(
                look: look, number: planned.number, blocks: part.effects.count,
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
