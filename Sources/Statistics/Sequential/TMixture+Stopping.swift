// SPDX-License-Identifier: GPL-3.0-or-later

/// A look after every block, from six, without end.
extension TMixture {
    /// Each block may end it.
    public var stopsEarly: Bool { true }

    /// Looks at all blocks, by this sequence at its level, and at 0.05 a side for equivalence.
    public func analysis(
        of observations: Observations, margin: EquivalenceMargin
    ) throws(StatisticsError) -> SequentialAnalysis {
        let blocks = observations.effects.count
        let mayDecide = blocks >= Verdict.leastBlocks
        let look = try Look(observations, sequence: self, mayDecide: mayDecide, margin: margin)
        // Only looks that may decide count. A unit may be two blocks or a whole round.
        let units = look.units.values
        let first = Verdict.leastBlocks / max(1, blocks / units.count)
        return SequentialAnalysis(
            look: look, blocks: blocks, level: mayDecide ? level : 0,
            repeatedP: mayDecide
                ? try alwaysValidP(units, from: min(max(2, first), units.count)) : 1)
    }

    /// The sequence's over the verdict's units, at 0.05.
    public func interval(of verdict: Verdict) -> Interval {
        (try? interval(verdict.units.values)) ?? verdict.interval
    }
}

extension Look {
    fileprivate init(
        _ observations: Observations, sequence: TMixture, mayDecide: Bool,
        margin: EquivalenceMargin
    ) throws(StatisticsError) {
        units = try Units(observations)
        estimate = try StudentT(units.values)
        p = min(1, 1 / (try sequence.evidence(units.values)))
        let least = min(
            try sequence.evidence(units.values, against: margin.lower),
            try sequence.evidence(units.values, against: margin.upper))
        let isInside = margin.room(around: estimate.estimate) > 0
        equivalenceP = isInside ? min(1, 1 / (2 * least)) : 1
        interval = try sequence.interval(units.values, level: sequence.level)
        equivalenceInterval = try sequence.interval(units.values, level: 0.1)
        showsDifference = mayDecide && !interval.contains(0)
        showsEquivalence = mayDecide && margin.holds(equivalenceInterval)
    }
}
