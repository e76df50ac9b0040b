// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// A confidence sequence for a mean: an interval that may be looked at after every value.
///
/// The t statistic is mixed over effects that are normal with variance σ²/c², which makes a
/// martingale whatever σ is.
///
/// Source: T. L. Lai, *On confidence sequences*, Annals of Statistics 4 (1976); H. Wang and A.
/// Ramdas, *Anytime-valid t-tests and confidence sequences for Gaussian means with unknown
/// variance* (2023).
public struct TMixture: StoppingRule, Equatable {
    /// c²: the interval is narrowest near n = 8.78·c² units at the level 0.05.
    public let spread: Double
    /// α of a decision by this sequence; where cells share an error rate, each has a part of it.
    public let level: Double

    /// A sequence with a given c², above 0.
    ///
    /// - Throws: `notPositive`, `outOfRange`.
    public init(spread: Double, level: Double = 0.05) throws(StatisticsError) {
        try Check.positive(spread, "c²")
        try Check.fraction(level, "level")
        self.spread = spread
        self.level = level
    }

    /// A sequence that is narrowest near the number of units expected, from 1.
    ///
    /// - Throws: `outOfRange`.
    public init(expected: Int, level: Double = 0.05) throws(StatisticsError) {
        try Check.count(expected, atLeast: 1, "expected units")
        try self.init(spread: Double(expected) / 8.78, level: level)
    }

    /// Half the interval's width after n values, in their unit; infinite while n is too small.
    ///
    /// - Parameters:
    ///   - count: n, from 2.
    ///   - deviation: s, not negative.
    ///   - level: α, in (0, 1).
    /// - Throws: `outOfRange`.
    public func radius(
        count: Int, deviation: Double, level: Double = 0.05
    ) throws(StatisticsError) -> Double {
        try Check.count(count, atLeast: 2, "count")
        try Check.fraction(level, "level")
        guard deviation >= 0, deviation.isFinite else {
            throw .outOfRange(parameter: "deviation", value: deviation)
        }
        let n = Double(count)
        // M − 1, where M = ((n + c²)/(c²α²))^(1/n).
        let excess = expm1(log((n + spread) / (spread * level * level)) / n)
        let below = n + spread * -excess
        guard below > 0 else { return .infinity }
        return deviation / n.squareRoot() * ((n - 1) * (n + spread) * excess / below).squareRoot()
    }

    /// The interval after these values.
    ///
    /// - Throws: `tooFewValues` below two; `notFinite`; `outOfRange`.
    public func interval(
        _ values: [Double], level: Double = 0.05
    ) throws(StatisticsError) -> Interval {
        let moments = try Moments(values)
        let radius = try radius(count: moments.count, deviation: moments.deviation, level: level)
        return Interval(
            lower: moments.mean - radius, upper: moments.mean + radius, confidence: 1 - level)
    }

    /// The evidence against a mean: 1/α or more at any time rejects it at the level α.
    ///
    /// - Throws: `tooFewValues` for no value; `notFinite`.
    public func evidence(
        _ values: [Double], against mean: Double = 0
    ) throws(StatisticsError) -> Double {
        try Check.sample(values, atLeast: 1)
        guard mean.isFinite else { throw .outOfRange(parameter: "mean", value: mean) }
        var sums = Sums()
        for value in values { sums.add(value - mean) }
        return exp(logEvidence(sums))
    }

    /// The p of a mean of zero that holds at every length: the least of 1/evidence so far.
    ///
    /// - Parameter first: the least number of values that is looked at.
    /// - Throws: as `evidence`.
    public func alwaysValidP(
        _ values: [Double], from first: Int = 2
    ) throws(StatisticsError) -> Double {
        try Check.sample(values, atLeast: 1)
        var sums = Sums()
        var most = 0.0
        for (index, value) in values.enumerated() {
            sums.add(value)
            if index + 1 >= first { most = max(most, logEvidence(sums)) }
        }
        return exp(-most)
    }

    private struct Sums {
        var count = 0.0
        var sum = 0.0
        var squares = 0.0
        mutating func add(_ value: Double) {
            count += 1
            sum += value
            squares += value * value
        }
    }

    /// ln of √(c²/(n + c²))·(Q/(Q − S²/(n + c²)))^(n/2).
    private func logEvidence(_ sums: Sums) -> Double {
        let n = sums.count
        let prior = log(spread / (n + spread)) / 2
        guard sums.squares > 0 else { return prior }
        let explained = sums.sum * sums.sum / ((n + spread) * sums.squares)
        return prior - n / 2 * log1p(-min(explained, 1))
    }
}

/// A look after every block or round, from five, without end.
extension TMixture {
    /// Each block or round may end it.
    public var stopsEarly: Bool { true }

    /// Looks at all blocks, by this sequence at its level, and at 0.05 a side for equivalence.
    public func analysis(
        of observations: Observations, margin: EquivalenceMargin
    ) throws(StatisticsError) -> SequentialAnalysis {
        let mayDecide = observations.count >= Verdict.leastUnits
        let look = try Look(observations, sequence: self, mayDecide: mayDecide, margin: margin)
        // Only looks that may decide count. A unit may be two blocks.
        let units = look.units.values
        let first = Verdict.leastUnits / max(1, observations.count / units.count)
        return SequentialAnalysis(
            look: look, blocks: observations.effects.count, level: mayDecide ? level : 0,
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
