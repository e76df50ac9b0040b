// SPDX-License-Identifier: GPL-3.0-or-later

extension Verdict {
    /// The fewest blocks for a decision without planned looks.
    public static let leastBlocks = LookPlan.leastBudget

    /// Below this many percent two images may differ by their code layout alone.
    public static let layoutPercent = 3.0

    /// Judges the blocks measured so far; the same blocks and rule always give the same verdict.
    ///
    /// With planned looks, the first one that decides is reported, else the last one reached. Linear
    /// in the number of blocks but for a sort; 25,000 blocks take about a tenth of a second, most
    /// of it for the sign flips.
    ///
    /// - Throws: `tooFewValues` below two blocks or units; `notFinite` for an effect that is no
    ///   number; `lengthsDiffer` when there are rounds but not one a block.
    /// - Source: the rules are Plumbline's own; each test names its source at its type.
    public static func judge(
        _ observations: Observations, rule: VerdictRule
    ) throws(StatisticsError) -> Verdict {
        try Check.sample(observations.effects, atLeast: 2)
        let course = try Course(observations, rule)
        return try Verdict(course, observations, rule)
    }

    /// Whether an experiment may stop after these blocks: `judge` without its cross-checks, for a
    /// look after every block.
    ///
    /// - Throws: as `judge`.
    public static func mayStop(
        _ observations: Observations, rule: VerdictRule
    ) throws(StatisticsError) -> Bool {
        try Check.sample(observations.effects, atLeast: 2)
        return try Course(observations, rule).standing.isDecided
    }

    private init(
        _ course: Course, _ observations: Observations, _ rule: VerdictRule
    ) throws(StatisticsError) {
        let standing = course.standing
        let units = standing.units
        let moments = try Moments(units.values)
        // Rounds may differ in length; their mean length is what one more of them costs.
        let blocksEach = (course.blocks + units.values.count - 1) / units.values.count
        self.units = units
        estimate = standing.estimate
        interval = standing.interval
        plainInterval = try standing.estimate.interval()
        p = standing.p
        level = course.level
        repeatedP = course.repeatedP
        equivalenceP = standing.equivalenceP
        noLargerThan = standing.equivalenceInterval.largestChange
        look = course.look
        blocks = course.blocks
        signFlip = try SignFlip(units.values, seed: rule.seed)
        hodgesLehmann = try HodgesLehmann(units.values)
        detectable = try Planning.detectable(deviation: moments.deviation, blocks: moments.count)
        excludable = try Planning.detectable(
            deviation: moments.deviation, blocks: moments.count, goal: .equivalence)
        blocksForDifference = try Planning.blocks(
            distance: rule.margin.upper, deviation: moments.deviation
        ).map { $0 * blocksEach }
        blocksForEquivalence = try Planning.blocks(
            distance: rule.margin.room(around: moments.mean), deviation: moments.deviation,
            goal: .equivalence
        ).map { $0 * blocksEach }
        outcome = Self.outcome(standing, observations.voids, rule.direction)
        isWithinMargin = standing.showsDifference && standing.showsEquivalence
        differenceTags = Self.differenceTags(standing, rule, signFlip)
        tags =
            Self.tags(standing, course, hodgesLehmann, plainInterval)
            + (standing.showsDifference ? differenceTags : [])
        let unused = observations.effects.count - course.blocks
        warnings =
            units.warnings + standing.estimate.warnings + signFlip.warnings
            + hodgesLehmann.warnings + (unused > 0 ? [.blocksNotUsed(unused)] : [])
    }

    private static func outcome(
        _ standing: Standing, _ voids: VoidBalance?, _ direction: VerdictRule.Direction
    ) -> Outcome {
        if let voids, voids.isUneven { return .invalid }
        if standing.showsDifference {
            let isFaster = standing.estimate.estimate > 0
            return isFaster == (direction == .higherIsBetter) ? .improved : .regressed
        }
        return standing.showsEquivalence ? .equivalent : .inconclusive
    }

    private static func tags(
        _ standing: Standing, _ course: Course, _ hodgesLehmann: HodgesLehmann, _ plain: Interval
    ) -> [Tag] {
        var tags: [Tag] = []
        if !course.mayDecide { tags.append(.tooEarly) }
        if !plain.contains(hodgesLehmann.estimate) { tags.append(.tailShift) }
        switch standing.units.kind {
        case .blocks: break
        case .pairs: tags.append(.pairedBlocks)
        case .rounds: tags.append(.roundsDisagree)
        }
        if standing.units.roundCount < 3 { tags.append(.fewRounds) }
        return tags
    }

    private static func differenceTags(
        _ standing: Standing, _ rule: VerdictRule, _ signFlip: SignFlip
    ) -> [Tag] {
        var tags: [Tag] = []
        let percent = Percent.change(ofLogRatio: standing.estimate.estimate)
        if case .two(let builds) = rule.images, builds < 3, abs(percent) < layoutPercent {
            tags.append(.layout)
        }
        // Five units or fewer have no p of 0.05 or less to give.
        if signFlip.p > 0.05, standing.units.values.count > 5 {
            tags.append(.crossCheckDisagrees)
        }
        return tags
    }
}
