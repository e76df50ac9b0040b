// SPDX-License-Identifier: GPL-3.0-or-later

/// An estimate whose error follows Student's t: of one mean, or of the difference of two.
///
/// Source: Student, *The probable error of a mean*, Biometrika 6 (1908).
public struct StudentT: Sendable, Equatable {
    /// The mean, or the difference of means, in the sample's unit.
    public let estimate: Double
    /// The standard error of the estimate, same unit.
    public let standardError: Double
    /// Degrees of freedom; not whole for Welch's test.
    public let degreesOfFreedom: Double

    /// The mean of one sample against zero, with n − 1 degrees of freedom.
    ///
    /// - Throws: `tooFewValues` below two; `notFinite`.
    public init(_ values: [Double]) throws(StatisticsError) {
        self.init(try Moments(values))
    }

    /// The mean of ratios, each weighed by what it is a part of: Σw·v / Σw, which is the ratio of the
    /// sums.
    ///
    /// Its standard error is √(n/(n − 1)·Σ(w·(v − mean))²) / Σw, a ratio's by linearisation, and t has
    /// n − 1 degrees of freedom. With equal weights it is `init(_:)`.
    ///
    /// - Parameter weights: one for each value, above zero.
    /// - Throws: `tooFewValues` below two, or below the number of values; `notFinite`; `notPositive`.
    /// - Source: W. G. Cochran, *Sampling Techniques*, 3rd ed. (1977), chapter 6.
    public init(_ values: [Double], weights: [Double]) throws(StatisticsError) {
        try Check.sample(values, atLeast: 2)
        guard weights.count == values.count else {
            throw .tooFewValues(needed: values.count, given: weights.count)
        }
        for weight in weights { try Check.positive(weight, "weight") }
        let freedom = Double(values.count - 1)
        if values.allSatisfy({ $0 == values[0] }) {
            // Exactly, without what adding them up rounds.
            self.init(estimate: values[0], standardError: 0, degreesOfFreedom: freedom)
            return
        }
        let sum = weights.reduce(0, +)
        let mean = zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 } / sum
        let squares = zip(values, weights).reduce(0) { total, pair in
            let rest = pair.1 * (pair.0 - mean)
            return total + rest * rest
        }
        self.init(
            estimate: mean,
            standardError: ((freedom + 1) / freedom * squares).squareRoot() / sum,
            degreesOfFreedom: freedom)
    }

    /// The mean of a sample that is already described.
    public init(_ moments: Moments) {
        self.init(
            estimate: moments.mean, standardError: moments.standardError,
            degreesOfFreedom: Double(moments.count - 1))
    }

    init(estimate: Double, standardError: Double, degreesOfFreedom: Double) {
        self.estimate = estimate
        self.standardError = standardError
        self.degreesOfFreedom = degreesOfFreedom
    }

    /// `noSpread` when the standard error is zero: t is then infinite, or zero at an estimate of 0.
    public var warnings: [StatisticsWarning] { standardError == 0 ? [.noSpread] : [] }

    /// Distance of the estimate from zero in standard errors.
    public var t: Double { distance(from: 0) }

    /// The two-sided p of an estimate of zero.
    public var p: Double { Student.twoSided(t, degreesOfFreedom) }

    /// The distance from a value, in standard errors; infinite without spread.
    func distance(from value: Double) -> Double {
        let difference = estimate - value
        return difference == 0 ? 0 : difference / standardError
    }

    /// The interval estimate ± t·se.
    ///
    /// - Throws: `outOfRange` unless the confidence lies in (0, 1).
    public func interval(confidence: Double = 0.95) throws(StatisticsError) -> Interval {
        try Check.fraction(confidence, "confidence")
        let radius =
            Student.upperQuantile((1 - confidence) / 2, degreesOfFreedom) * standardError
        return Interval(
            lower: estimate - radius, upper: estimate + radius, confidence: confidence)
    }
}
