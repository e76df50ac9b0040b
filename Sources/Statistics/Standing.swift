// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// How an experiment stands after some blocks: the estimate, held against a look's levels.
struct Standing {
    let units: Units
    let estimate: StudentT
    /// Of a difference, two-sided.
    let p: Double
    /// Of equivalence: the larger one-sided p.
    let equivalenceP: Double
    /// The interval that excludes zero exactly when the difference is shown.
    let interval: Interval
    /// The interval that lies within the margin exactly when equivalence is shown.
    let equivalenceInterval: Interval
    let showsDifference: Bool
    let showsEquivalence: Bool

    var isDecided: Bool { showsDifference || showsEquivalence }

    /// After the blocks of a look, by Student's t.
    ///
    /// - Parameters:
    ///   - difference: a_k, or 0 when nothing may be decided yet; the intervals are then plain.
    ///   - equivalence: b_k, likewise.
    init(
        _ observations: Observations, difference: Double, equivalence: Double,
        margin: EquivalenceMargin
    ) throws(StatisticsError) {
        let mayDecide = difference > 0
        units = try Units(observations)
        estimate = try StudentT(units.values)
        // Equal values leave t nothing to go by; that all signs agree still has a probability.
        let signs = exp2(1 - Double(units.values.count))
        p = estimate.standardError == 0 && estimate.estimate != 0 ? signs : estimate.p
        equivalenceP = EquivalenceTest(estimate, margin: margin).p
        interval = try estimate.interval(confidence: 1 - (mayDecide ? difference : 0.05))
        equivalenceInterval = try estimate.interval(
            confidence: 1 - 2 * (mayDecide ? equivalence : 0.05))
        showsDifference = mayDecide && p <= difference
        showsEquivalence = mayDecide && margin.holds(equivalenceInterval)
    }

    /// After any number of blocks, by a confidence sequence at its level, and at 0.05 a side for
    /// equivalence.
    init(
        _ observations: Observations, sequence: TMixture, mayDecide: Bool,
        margin: EquivalenceMargin
    ) throws(StatisticsError) {
        units = try Units(observations)
        estimate = try StudentT(units.values)
        p = min(1, 1 / (try sequence.evidence(units.values)))
        let bounds = [margin.lower, margin.upper]
        var least = Double.infinity
        for bound in bounds {
            least = min(least, try sequence.evidence(units.values, against: bound))
        }
        let inside = margin.room(around: estimate.estimate) > 0
        equivalenceP = inside ? min(1, 1 / (2 * least)) : 1
        interval = try sequence.interval(units.values, level: sequence.level)
        equivalenceInterval = try sequence.interval(units.values, level: 0.1)
        showsDifference = mayDecide && !interval.contains(0)
        showsEquivalence = mayDecide && margin.holds(equivalenceInterval)
    }
}
