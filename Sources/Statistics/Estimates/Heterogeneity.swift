// SPDX-License-Identifier: GPL-3.0-or-later

import CRmath

/// Whether the rounds of an experiment (boots) agree on the effect.
///
/// Source: W. Cochran, *The combination of estimates from different experiments*, Biometrics 10
/// (1954).
public struct Heterogeneity: Sendable, Equatable {
    /// The p under χ² of Q = Σw(dᵢ − d̄)², with w = 1/seᵢ² and d̄ the mean weighted by w.
    public let p: Double
    /// Each round's mean, in the rounds' order.
    public let estimates: [Double]

    /// p < 0.1: the rounds' estimates, not the blocks, are the units.
    public var isHigh: Bool { p < 0.1 }

    /// Compares at least two rounds of at least two blocks each.
    ///
    /// - Throws: `tooFewValues`; `notFinite`; `notPositive` for a round without spread.
    public init(rounds: [[Double]]) throws(StatisticsError) {
        guard rounds.count >= 2 else { throw .tooFewValues(needed: 2, given: rounds.count) }
        var estimates: [Double] = []
        var weights: [Double] = []
        for round in rounds {
            let moments = try Moments(round)
            let variance = moments.variance / Double(moments.count)
            try Check.positive(variance, "spread of a round")
            estimates.append(moments.mean)
            weights.append(1 / variance)
        }
        let mean =
            zip(weights, estimates).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
        let q = zip(weights, estimates).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) }
        p = crmath_pchisq(q, Double(rounds.count - 1), 1)
        self.estimates = estimates
    }
}
