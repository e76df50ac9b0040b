// SPDX-License-Identifier: GPL-3.0-or-later

/// The Mann–Whitney test of two samples, two-sided.
///
/// Source: H. Mann and D. Whitney, *On a test of whether one of two random variables is
/// stochastically larger than the other*, Annals of Mathematical Statistics 18 (1947); with ties,
/// the permutation distribution of mid-ranks: E. Lehmann, *Nonparametrics* (1975), section 1.4.
public struct MannWhitney: Sendable, Equatable {
    /// Pairs in which x is the larger, equal pairs counted half.
    public let u: Double
    /// The p: exact up to 50 values a side, with ties too; the normal approximation beyond.
    public let p: Double
    /// The normal approximation's p with the correction for continuity.
    public let pNormalCorrected: Double
    /// The normal approximation's p without it.
    public let pNormal: Double
    /// `ties`, `normalApproximation`.
    public let warnings: [StatisticsWarning]

    /// Tests two samples of at least one finite value each.
    ///
    /// - Throws: `tooFewValues`, `notFinite`.
    public init(_ x: [Double], _ y: [Double]) throws(StatisticsError) {
        try Check.sample(x, atLeast: 1)
        try Check.sample(y, atLeast: 1)
        let (m, n) = (x.count, y.count)
        let ranks = MidRanks(x + y)
        let sum = ranks.doubled[..<m].reduce(0, +)
        u = Double(sum - m * (m + 1)) / 2

        let size = Double(m + n)
        let pairs = Double(m) * Double(n)
        let variance = pairs / 12 * (size + 1 - ranks.tieTerm / (size * (size - 1)))
        let distance = abs(u - pairs / 2)
        pNormal = Self.normal(distance, variance)
        pNormalCorrected = Self.normal(distance - 0.5, variance)

        var warnings: [StatisticsWarning] = ranks.tieTerm > 0 ? [.ties] : []
        if max(m, n) > RankSum.largestExact {
            p = pNormalCorrected
            warnings.append(.normalApproximation(count: max(m, n)))
        } else if ranks.tieTerm > 0 {
            p = Self.permuted(ranks.doubled, size: m, sum: sum)
        } else {
            p = min(1, 2 * RankSum.lower(min(u, pairs - u), m, n))
        }
        self.warnings = warnings
    }

    private static func normal(_ distance: Double, _ variance: Double) -> Double {
        variance > 0 ? Normal.twoSided(max(0, distance) / variance.squareRoot()) : 1
    }

    /// The share of all choices of x's places whose rank sum is as far from its mean.
    private static func permuted(_ doubled: [Int], size: Int, sum: Int) -> Double {
        let ways = SubsetSums.of(doubled, size: size)
        // The mean of the doubled rank sum is size·(count + 1): whole, so nothing is rounded.
        let mean = size * (doubled.count + 1)
        let far = ways.indices.lazy.filter { abs($0 - mean) >= abs(sum - mean) }
        return far.reduce(0) { $0 + ways[$1] } / ways.reduce(0, +)
    }
}
