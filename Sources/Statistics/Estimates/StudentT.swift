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
