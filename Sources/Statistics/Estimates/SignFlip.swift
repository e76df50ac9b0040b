// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// The sign-flip test of a mean of zero: how often do random signs move it as far away?
///
/// Two-sided. It asks only that each value is as likely to have either sign, whatever its size.
///
/// Source: E. J. G. Pitman, *Significance tests which may be applied to samples from any
/// populations*, Supplement to the Journal of the Royal Statistical Society 4 (1937); the added
/// one: B. Phipson and G. Smyth, *Permutation p-values should never be zero*, Statistical
/// Applications in Genetics and Molecular Biology 9 (2010).
public struct SignFlip: Sendable, Equatable {
    /// Up to here all 2ⁿ patterns are counted.
    public static let largestExact = 12
    /// Beyond, this many patterns are drawn.
    public static let draws = 9999

    /// The two-sided p.
    public let p: Double
    /// `sampled` when not all patterns were counted.
    public let warnings: [StatisticsWarning]

    /// Tests the mean of at least one finite value.
    ///
    /// - Parameters:
    ///   - values: one a block; at about 2,500·n table look-ups in all, 10⁵ values take some 0.4 s.
    ///   - seed: decides the drawn patterns; without effect up to 12 values.
    /// - Throws: `tooFewValues`, `notFinite`.
    public init(_ values: [Double], seed: UInt64) throws(StatisticsError) {
        try Check.sample(values, atLeast: 1)
        let sums = SignSums(values)
        // Sums in another order differ in their last bits, and equal ones must count as equal.
        let size = values.reduce(0) { $0 + abs($1) }
        let limit = abs(sums.sum { 0 }) - 1e-12 * size
        if values.count <= Self.largestExact {
            let patterns = 1 << values.count
            let hits = (0..<UInt64(patterns)).count { pattern in
                abs(sums.sum { pattern }) >= limit
            }
            p = Double(hits) / Double(patterns)
            warnings = []
        } else {
            var generator = SplitMix64(seed: seed)
            let hits = (0..<Self.draws).count { _ in
                abs(sums.sum { generator.next() }) >= limit
            }
            p = Double(1 + hits) / Double(1 + Self.draws)
            warnings = [.sampled(draws: Self.draws)]
        }
    }
}
