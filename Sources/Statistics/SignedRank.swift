// SPDX-License-Identifier: GPL-3.0-or-later

/// Wilcoxon's signed-rank test of a centre of zero, two-sided.
///
/// Source: F. Wilcoxon, *Individual comparisons by ranking methods*, Biometrics Bulletin 1 (1945);
/// zeros that keep their rank: J. W. Pratt, *Remarks on zeros and ties in the Wilcoxon signed rank
/// procedures*, JASA 54 (1959).
public struct SignedRank: Sendable, Equatable {
    /// What becomes of zeros.
    public enum Zeros: Sendable {
        /// They are left out before ranking, as Wilcoxon has it.
        case leftOut
        /// They are ranked and then left out of the sums, as Pratt has it.
        case ranked
    }

    /// The sum of the ranks of values above zero.
    public let positive: Double
    /// The sum of the ranks of values below zero.
    public let negative: Double
    /// The p: exact up to 50 values, with ties too; the normal approximation beyond.
    public let p: Double
    /// The normal approximation's p with the correction for continuity.
    public let pNormalCorrected: Double
    /// The normal approximation's p without it.
    public let pNormal: Double
    /// `ties`, `zerosLeftOut`, `normalApproximation`.
    public let warnings: [StatisticsWarning]

    /// Tests at least one finite value; all zeros give p = 1.
    ///
    /// - Throws: `tooFewValues`, `notFinite`.
    public init(_ values: [Double], zeros: Zeros = .leftOut) throws(StatisticsError) {
        try Check.sample(values, atLeast: 1)
        let zeroCount = values.count { $0 == 0 }
        let ranked = zeros == .leftOut ? values.filter { $0 != 0 } : values
        let ranks = MidRanks(ranked.map(abs))
        let kept = zip(ranked, ranks.doubled).filter { $0.0 != 0 }
        let doubled = kept.map(\.1)
        let above = kept.reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
        let total = doubled.reduce(0, +)
        positive = Double(above) / 2
        negative = Double(total - above) / 2

        let variance = doubled.reduce(0.0) { $0 + Double($1 * $1) } / 16
        let distance = abs(positive - Double(total) / 4)
        pNormal = Self.normal(distance, variance)
        pNormalCorrected = Self.normal(distance - 0.5, variance)

        let n = doubled.count
        let tied = MidRanks(kept.map { abs($0.0) }).tieTerm > 0
        var warnings: [StatisticsWarning] = tied ? [.ties] : []
        if zeroCount > 0 { warnings.append(.zerosLeftOut(zeroCount)) }
        if n > SignedRankSum.largestExact {
            p = pNormalCorrected
            warnings.append(.normalApproximation(count: n))
        } else if tied || (zeros == .ranked && zeroCount > 0) {
            p = Self.counted(doubled, smaller: min(above, total - above))
        } else {
            p = n == 0 ? 1 : min(1, 2 * SignedRankSum.lower(min(positive, negative), n))
        }
        self.warnings = warnings
    }

    private static func normal(_ distance: Double, _ variance: Double) -> Double {
        variance > 0 ? Normal.twoSided(max(0, distance) / variance.squareRoot()) : 1
    }

    /// p over all signs of the ranks as they are; their sum is symmetric.
    private static func counted(_ doubled: [Int], smaller: Int) -> Double {
        let ways = SubsetSums.ofAny(doubled)
        return min(1, 2 * ways[...smaller].reduce(0, +) / ways.reduce(0, +))
    }
}
