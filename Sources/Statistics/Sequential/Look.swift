// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// What some blocks show, held against the levels of one look.
public struct Look: Sendable, Equatable {
    /// The independent observations.
    public let units: Units
    /// Their mean log ratio with its error.
    public let estimate: StudentT
    /// The two-sided p of a difference.
    public let p: Double
    /// The p of equivalence: the larger one-sided one.
    public let equivalenceP: Double
    /// The interval that excludes zero exactly when the difference is shown.
    public let interval: Interval
    /// The interval that lies within the margin exactly when equivalence is shown.
    public let equivalenceInterval: Interval
    /// Whether there is a difference.
    public let showsDifference: Bool
    /// Whether a difference as large as the margin is excluded.
    public let showsEquivalence: Bool

    /// Whether an experiment may stop here.
    public var isDecided: Bool { showsDifference || showsEquivalence }

    /// Looks by Student's t.
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
}
