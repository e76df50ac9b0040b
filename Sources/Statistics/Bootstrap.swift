// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// Intervals for a mean from resampling; not for decisions below some 20 units.
///
/// Source: B. Efron, *Better bootstrap confidence intervals*, JASA 82 (1987); quantiles: R. Hyndman
/// and Y. Fan, *Sample quantiles in statistical packages*, American Statistician 50 (1996).
public struct Bootstrap: Sendable, Equatable {
    /// Up to here all nⁿ resamples are counted.
    public static let largestExact = 5
    /// With fewer units the percentile interval rejects far too often.
    public static let leastUnits = 20

    /// The sample's mean, in its unit.
    public let mean: Double
    /// The resampled means' standard deviation.
    public let standardError: Double
    /// How many resamples there are.
    public var resamples: Int { means.count }
    /// z₀: how far the mean lies from the resamples' median, on the normal scale.
    public let bias: Double
    /// a: how the mean's error changes with the mean, from the jackknife.
    public let acceleration: Double
    /// `smallBootstrap`, `sampled`.
    public let warnings: [StatisticsWarning]
    private let means: [Double]

    /// Resamples at least two finite values that are not all equal.
    ///
    /// - Parameters:
    ///   - draws: how many resamples beyond five values, from 100.
    ///   - seed: decides them; without effect up to five values.
    /// - Throws: `tooFewValues`, `notFinite`, `outOfRange`; `notPositive` without spread.
    public init(_ values: [Double], draws: Int = 9999, seed: UInt64) throws(StatisticsError) {
        let moments = try Moments(values)
        try Check.positive(moments.variance, "spread")
        try Check.notBelow(draws, 100, "draws")
        let exact = values.count <= Self.largestExact
        let offsets = values.map { $0 - moments.mean }
        let sums = exact ? Self.all(offsets) : Self.drawn(offsets, draws, seed)
        let n = Double(values.count)
        means = sums.map { moments.mean + $0 / n }.sorted()
        mean = moments.mean
        let count = Double(sums.count)
        let centre = sums.reduce(0, +) / count
        let spread = sums.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
        standardError = (spread / count).squareRoot() / n

        // Equal sums taken in another order differ in their last bits.
        let near = 1e-12 * offsets.reduce(0) { $0 + abs($1) }
        let below = sums.count { $0 < -near }
        let equal = sums.count { abs($0) <= near }
        bias = Normal.quantile((Double(below) + Double(equal) / 2) / count)
        let cubes = offsets.reduce(0) { $0 + $1 * $1 * $1 }
        acceleration = cubes / (6 * pow(offsets.reduce(0) { $0 + $1 * $1 }, 1.5))
        var warnings: [StatisticsWarning] = exact ? [] : [.sampled(draws: draws)]
        if values.count < Self.leastUnits { warnings.append(.smallBootstrap(units: values.count)) }
        self.warnings = warnings
    }

    /// The resampled means' quantiles as they are.
    ///
    /// - Throws: `outOfRange` unless the confidence lies in (0, 1).
    public func percentile(confidence: Double = 0.95) throws(StatisticsError) -> Interval {
        try Check.fraction(confidence, "confidence")
        return Interval(
            lower: quantile((1 - confidence) / 2), upper: quantile((1 + confidence) / 2),
            confidence: confidence)
    }

    /// The quantiles at levels corrected for bias and acceleration (BCa).
    ///
    /// - Throws: `outOfRange` unless the confidence lies in (0, 1).
    public func corrected(confidence: Double = 0.95) throws(StatisticsError) -> Interval {
        try Check.fraction(confidence, "confidence")
        return Interval(
            lower: quantile(level((1 - confidence) / 2)),
            upper: quantile(level((1 + confidence) / 2)), confidence: confidence)
    }

    /// The level that BCa takes in the place of `p`.
    func level(_ p: Double) -> Double {
        let z = bias + Normal.quantile(p)
        return Normal.lower(bias + z / (1 - acceleration * z))
    }

    /// The inverse of the resamples' distribution function.
    private func quantile(_ p: Double) -> Double {
        let place = Int((p * Double(means.count) - 1e-9).rounded(.up))
        return means[min(max(place, 1), means.count) - 1]
    }

    private static func all(_ values: [Double]) -> [Double] {
        var sums = [0.0]
        for _ in values { sums = sums.flatMap { sum in values.map { sum + $0 } } }
        return sums
    }

    private static func drawn(_ values: [Double], _ draws: Int, _ seed: UInt64) -> [Double] {
        var generator = SplitMix64(seed: seed)
        return (0..<draws).map { _ in
            var sum = 0.0
            for _ in values.indices { sum += values[generator.below(values.count)] }
            return sum
        }
    }
}
