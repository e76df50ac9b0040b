// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// Where the variation of a benchmark lies, between boots or within them, and how to spend time.
///
/// Source: T. Kalibera and R. Jones, *Rigorous benchmarking in reasonable time*, ISMM 2013; the
/// same, *Quantifying performance changes with effect size confidence intervals* (2012), section 7.
public struct TwoLevel: Sendable, Equatable {
    /// S₁²: the mean of the variances within a boot, unit squared.
    public let withinVariance: Double
    /// S₂²: the variance of the boots' means.
    public let meansVariance: Double
    /// T₂² = S₂² − S₁²/r: what the boots themselves add; may be negative by chance.
    public let bootComponent: Double
    /// The boots' means as a sample; its interval is that of the whole.
    public let mean: StudentT

    /// Splits the variation of at least two boots with at least two slices each.
    ///
    /// r is the slices a boot, and their harmonic mean where boots differ.
    ///
    /// - Throws: `tooFewValues`, `notFinite`.
    public init(boots: [[Double]]) throws(StatisticsError) {
        guard boots.count >= 2 else { throw .tooFewValues(needed: 2, given: boots.count) }
        var within = 0.0
        var reciprocal = 0.0
        var means: [Double] = []
        for boot in boots {
            let moments = try Moments(boot)
            within += moments.variance
            reciprocal += 1 / Double(moments.count)
            means.append(moments.mean)
        }
        let k = Double(boots.count)
        let across = try Moments(means)
        withinVariance = within / k
        meansVariance = across.variance
        bootComponent = across.variance - within / k * (reciprocal / k)
        mean = StudentT(across)
    }

    /// The slices a boot that make the most of a given time: ⌈√(c_boot/c_slice · S₁²/T₂²)⌉.
    ///
    /// Where boots add nothing (T₂² ≤ 0), as many as take twice the time of the boot.
    ///
    /// - Parameters:
    ///   - bootCost: what a boot takes before its first slice, any unit, above 0.
    ///   - sliceCost: what a slice takes, same unit, above 0.
    /// - Returns: from 1.
    /// - Throws: `notPositive`.
    public func slicesPerBoot(
        bootCost: Double, sliceCost: Double
    ) throws(StatisticsError) -> Int {
        try Check.positive(bootCost, "cost of a boot")
        try Check.positive(sliceCost, "cost of a slice")
        let ratio = bootCost / sliceCost
        let most = 2 * ratio
        let best =
            bootComponent > 0 ? (ratio * withinVariance / bootComponent).squareRoot() : most
        return Int(min(max(1, best.rounded(.up)), 1e9))
    }
}

/// The ratio of two means with an interval that takes the error of both into account.
///
/// Source: E. C. Fieller, *Some problems in interval estimation*, Journal of the Royal Statistical
/// Society B 16 (1954), in the form of Kalibera and Jones (2013), section 6.
public struct MeanRatio: Sendable, Equatable {
    /// mean(new)/mean(old).
    public let ratio: Double
    /// Its interval; nil when a mean is not clearly apart from zero, so that the ratio has no bound.
    public let interval: Interval?

    /// Compares the boots' means of two sides, at least two each.
    ///
    /// - Throws: `tooFewValues`, `notFinite`; `notPositive` when the old mean is not above zero;
    ///   `outOfRange` for the confidence.
    public init(
        old: [Double], new: [Double], confidence: Double = 0.95
    ) throws(StatisticsError) {
        try Check.fraction(confidence, "confidence")
        let a = try Moments(old)
        let b = try Moments(new)
        try Check.positive(a.mean, "mean")
        func radius(_ moments: Moments) -> Double {
            Student.upperQuantile((1 - confidence) / 2, Double(moments.count - 1))
                * moments.standardError
        }
        ratio = b.mean / a.mean
        let product = a.mean * b.mean
        let below = a.mean * a.mean - radius(a) * radius(a)
        let other = b.mean * b.mean - radius(b) * radius(b)
        let root = product * product - below * other
        if below > 0, root >= 0 {
            interval = Interval(
                lower: (product - root.squareRoot()) / below,
                upper: (product + root.squareRoot()) / below, confidence: confidence)
        } else {
            interval = nil
        }
    }
}
