// SPDX-License-Identifier: GPL-3.0-or-later

/// How much neighbouring blocks resemble each other, and what to do about it.
public struct Dependence: Sendable, Equatable {
    /// r₁: the lag-1 autocorrelation, Σ(dᵢ − d̄)(dᵢ₊₁ − d̄)/Σ(dᵢ − d̄)²; 0 without spread.
    ///
    /// Source: G. Box, G. Jenkins and G. Reinsel, *Time Series Analysis*, 3rd ed. (1994), 2.1.5.
    public let autocorrelation: Double
    /// n_eff = n·(1 − r₁)/(1 + r₁): how many independent blocks say as much.
    ///
    /// Source: H. J. Thiébaux and F. W. Zwiers, *The interpretation and estimation of effective
    /// sample size*, Journal of Climate and Applied Meteorology 23 (1984).
    public let effectiveCount: Double
    /// r₁ > max(0.2, 2/√n): average adjacent blocks in twos and test those.
    public let isHigh: Bool

    /// Measures the values in the order in which they were taken.
    ///
    /// - Throws: `tooFewValues` below two; `notFinite`.
    public init(_ values: [Double]) throws(StatisticsError) {
        let moments = try Moments(values)
        let n = Double(values.count)
        let squares = moments.variance * (n - 1)
        var products = 0.0
        for index in 1..<values.count {
            products += (values[index - 1] - moments.mean) * (values[index] - moments.mean)
        }
        let r = squares > 0 ? products / squares : 0
        autocorrelation = r
        effectiveCount = n * (1 - r) / (1 + r)
        isHigh = r > max(0.2, 2 / n.squareRoot())
    }

    /// The means of adjacent values, two by two; an odd last one is left out.
    public static func pairs(_ values: [Double]) -> [Double] {
        stride(from: 0, to: values.count - 1, by: 2).map { (values[$0] + values[$0 + 1]) / 2 }
    }
}
