// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

extension StudentT {
    /// Fewer earlier runs than this do not carry a comparison of two.
    public static let leastRuns = 6

    /// The log ratio of two runs' rates, judged by how much runs of one kernel differ by themselves.
    ///
    /// d = ln(rate_B / rate_A), its standard error S·√2 with S the standard deviation of the log
    /// rates of k earlier runs of one kernel, and t with k − 1 degrees of freedom.
    ///
    /// - Parameters:
    ///   - history: the rates of at least six earlier runs of one kernel, in the unit of `a`, `b`.
    /// - Throws: `tooFewValues`; `notPositive` for a rate that is not above zero.
    public static func runs(
        a: Double, b: Double, history: [Double]
    ) throws(StatisticsError) -> StudentT {
        guard history.count >= leastRuns else {
            throw .tooFewValues(needed: leastRuns, given: history.count)
        }
        for rate in [a, b] + history { try Check.positive(rate, "rate") }
        let moments = try Moments(history.map { log($0) })
        return StudentT(
            estimate: log(b) - log(a), standardError: moments.deviation * 2.0.squareRoot(),
            degreesOfFreedom: Double(history.count - 1))
    }

    /// A new value less the mean of earlier ones that vary as it does.
    ///
    /// Its standard error is s·√(1 + 1/n), with s the deviation of the n earlier values and t with
    /// n − 1 degrees of freedom: the mean ± t·se is where a new value is expected.
    ///
    /// - Throws: `tooFewValues` below two; `notFinite`.
    /// - Source: G. Hahn and W. Meeker, *Statistical Intervals* (1991), section 4.7.
    public static func next(
        _ value: Double, after earlier: [Double]
    ) throws(StatisticsError) -> StudentT {
        try Check.sample([value], atLeast: 1)
        let moments = try Moments(earlier)
        return StudentT(
            estimate: value - moments.mean,
            standardError: (moments.variance * (1 + 1 / Double(moments.count))).squareRoot(),
            degreesOfFreedom: Double(moments.count - 1))
    }

    /// The difference mean(y) − mean(x) of samples whose spreads may differ.
    ///
    /// - Throws: `tooFewValues` below two in either; `notFinite`.
    /// - Source: B. L. Welch, *The generalization of "Student's" problem when several different
    ///   population variances are involved*, Biometrika 34 (1947).
    public static func welch(from x: [Double], to y: [Double]) throws(StatisticsError) -> StudentT {
        welch(from: try StudentT(x), to: try StudentT(y))
    }

    /// The difference y − x of two estimates with errors of their own: Welch's, of any two means.
    public static func welch(from x: StudentT, to y: StudentT) -> StudentT {
        let partA = x.standardError * x.standardError
        let partB = y.standardError * y.standardError
        let sum = partA + partB
        let below = partA * partA / x.degreesOfFreedom + partB * partB / y.degreesOfFreedom
        return StudentT(
            estimate: y.estimate - x.estimate, standardError: sum.squareRoot(),
            degreesOfFreedom: below > 0
                ? sum * sum / below : x.degreesOfFreedom + y.degreesOfFreedom)
    }

    /// The difference mean(y) − mean(x) of samples taken to have one spread.
    ///
    /// - Throws: `tooFewValues` below one in either or three in all; `notFinite`.
    /// - Source: as `init(_:)`.
    public static func pooled(from x: [Double], to y: [Double]) throws(StatisticsError) -> StudentT
    {
        let a = try part(x)
        let b = try part(y)
        let freedom = Double(x.count + y.count - 2)
        guard freedom > 0 else { throw .tooFewValues(needed: 3, given: x.count + y.count) }
        let variance = (a.squares + b.squares) / freedom
        let weight = 1 / Double(x.count) + 1 / Double(y.count)
        return StudentT(
            estimate: b.mean - a.mean, standardError: (variance * weight).squareRoot(),
            degreesOfFreedom: freedom)
    }

    private static func part(
        _ values: [Double]
    ) throws(StatisticsError) -> (mean: Double, squares: Double) {
        try Check.sample(values, atLeast: 1)
        if values.count == 1 { return (values[0], 0) }
        let moments = try Moments(values)
        return (moments.mean, moments.variance * Double(moments.count - 1))
    }
}
