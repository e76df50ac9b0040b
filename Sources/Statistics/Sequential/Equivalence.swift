// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// How far B may be from A and still count as the same: a change of ±X.
public struct EquivalenceMargin: Sendable, Equatable {
    /// X as a fraction: 0.02 for 2 %.
    public let fraction: Double
    /// ln(1 − X).
    public let lower: Double
    /// ln(1 + X).
    public let upper: Double

    /// A margin of ±X.
    ///
    /// - Throws: `outOfRange` unless X lies in (0, 1).
    public init(fraction: Double) throws(StatisticsError) {
        try Check.fraction(fraction, "equivalence margin")
        self.fraction = fraction
        lower = log1p(-fraction)
        upper = log1p(fraction)
    }

    /// The distance from a log ratio to the nearer bound; zero or less outside.
    func room(around logRatio: Double) -> Double { min(upper - logRatio, logRatio - lower) }

    /// Whether an interval of log ratios lies wholly between the bounds.
    func holds(_ interval: Interval) -> Bool {
        lower < interval.lower && interval.upper < upper
    }
}

/// Two one-sided tests: is the change smaller than the margin?
///
/// Source: D. J. Schuirmann, *A comparison of the two one-sided tests procedure and the power
/// approach*, Journal of Pharmacokinetics and Biopharmaceutics 15 (1987).
public struct EquivalenceTest: Sendable, Equatable {
    /// One-sided p against "B is slower than A by X or more"; also the test of non-inferiority.
    public let pLower: Double
    /// One-sided p against "B is faster than A by X or more".
    public let pUpper: Double
    /// The larger of both: the p of equivalence.
    public var p: Double { max(pLower, pUpper) }

    /// Tests an estimated log ratio against a margin.
    public init(_ estimate: StudentT, margin: EquivalenceMargin) {
        let freedom = estimate.degreesOfFreedom
        pLower = Student.upper(estimate.distance(from: margin.lower), freedom)
        pUpper = Student.upper(-estimate.distance(from: margin.upper), freedom)
    }
}
