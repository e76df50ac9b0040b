// SPDX-License-Identifier: GPL-3.0-or-later

extension Verdict {
    /// No rule decides on fewer units, be they rounds or blocks.
    public static let leastUnits = 5

    /// Below this many percent two images may differ by their code layout alone.
    public static let layoutPercent = 3.0

    /// Whether two images may differ by so much through their code layout alone.
    ///
    /// - Parameter percent: the interval of a difference; nil where the data do not bound it.
    public static func mayBeLayout(_ percent: Interval?) -> Bool {
        guard let percent else { return true }
        return percent.lower < layoutPercent && percent.upper > -layoutPercent
    }

    /// Judges the blocks measured so far; the same blocks and rule always give the same verdict.
    /// Where they have rounds of boots, the rounds are the units.
    ///
    /// With planned looks, the first one that decides is reported, else the last one reached. Linear
    /// in the number of blocks but for a sort; 25,000 blocks take about a tenth of a second, most
    /// of it for the sign flips.
    ///
    /// - Throws: `tooFewValues` below two units; `notFinite` for an effect that is no
    ///   number; `lengthsDiffer` when there are rounds but not one a block.
    /// - Source: the rules are Plumbline's own; each test names its source at its type.
    public static func judge(
        _ observations: Observations, rule: VerdictRule
    ) throws(StatisticsError) -> Verdict {
        try Check.sample(observations.effects, atLeast: 2)
        let analysis = try rule.stopping.analysis(of: observations, margin: rule.margin)
        return try Verdict(analysis, of: observations, by: rule)
    }

    /// Whether an experiment may stop after these blocks: `judge` without its cross-checks, for a
    /// look after every block or round.
    ///
    /// - Throws: as `judge`.
    public static func mayStop(
        _ observations: Observations, rule: VerdictRule
    ) throws(StatisticsError) -> Bool {
        try Check.sample(observations.effects, atLeast: 2)
        return try rule.stopping.analysis(of: observations, margin: rule.margin).look.isDecided
    }

    private init(
        _ analysis: SequentialAnalysis, of observations: Observations, by rule: VerdictRule
    ) throws(StatisticsError) {
        let seen = analysis.look
        let units = seen.units
        let moments = try Moments(units.values)
        self.units = units
        estimate = seen.estimate
        interval = seen.interval
        plainInterval = try seen.estimate.interval()
        p = seen.p
        level = analysis.level
        repeatedP = analysis.repeatedP
        equivalenceP = seen.equivalenceP
        noLargerThan = seen.equivalenceInterval.largestChange
        look = analysis.number
        blocks = analysis.blocks
        signFlip = try SignFlip(units.values, seed: rule.seed)
        hodgesLehmann = try HodgesLehmann(units.values)
        detectable = try Planning.detectable(deviation: moments.deviation, blocks: moments.count)
        excludable = try Planning.detectable(
            deviation: moments.deviation, blocks: moments.count, goal: .equivalence)
        needed = try DataNeeded(units, blocks: analysis.blocks, margin: rule.margin)
        let outcome = Self.outcome(seen, voids: observations.voids, direction: rule.direction)
        let isLayout =
            outcome.isDifference && rule.areTwoImages
            && Self.mayBeLayout(seen.interval.percent)
        self.outcome = isLayout ? .imagesDiffer : outcome
        isDecided = seen.isDecided
        isWithinMargin = seen.showsDifference && seen.showsEquivalence
        differenceTags = Self.differenceTags(seen, signFlip: signFlip)
        tags =
            Self.tags(analysis, isTailShift: !plainInterval.contains(hodgesLehmann.estimate))
            + (seen.showsDifference ? differenceTags : [])
        let unused = observations.effects.count - analysis.blocks
        warnings =
            units.warnings + seen.estimate.warnings + signFlip.warnings
            + (unused > 0 ? [.blocksNotUsed(unused)] : [])
    }

    private static func outcome(
        _ look: Look, voids: VoidBalance?, direction: VerdictRule.Direction
    ) -> Outcome {
        if let voids, voids.isUneven { return .invalid }
        if look.showsDifference {
            let isFaster = look.estimate.estimate > 0
            return isFaster == (direction == .higherIsBetter) ? .improved : .regressed
        }
        return look.showsEquivalence ? .equivalent : .inconclusive
    }

    private static func tags(_ analysis: SequentialAnalysis, isTailShift: Bool) -> [Tag] {
        var tags: [Tag] = []
        if !analysis.mayDecide { tags.append(.tooEarly) }
        if isTailShift { tags.append(.tailShift) }
        let kind = analysis.look.units.kind
        if kind == .pairs { tags.append(.pairedBlocks) }
        if kind != .rounds { tags.append(.oneBoot) }
        return tags
    }

    private static func differenceTags(_ look: Look, signFlip: SignFlip) -> [Tag] {
        // Five units or fewer have no p of 0.05 or less to give.
        signFlip.p > 0.05 && look.units.values.count > 5 ? [.crossCheckDisagrees] : []
    }
}
