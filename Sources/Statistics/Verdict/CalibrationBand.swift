// SPDX-License-Identifier: GPL-3.0-or-later

/// How many of some A/A comparisons may reject while the error rate is as it should be.
///
/// Source: the central 95 % of the binomial distribution.
public struct CalibrationBand: Sendable, Equatable {
    /// The fewest and the most rejections that are in order.
    public let accepted: ClosedRange<Int>

    /// The band for a number of comparisons, from 1 to 10⁹, each at a level in (0, 1).
    ///
    /// - Throws: `outOfRange`.
    public init(comparisons: Int, level: Double = 0.05) throws(StatisticsError) {
        guard (1...1_000_000_000).contains(comparisons) else {
            throw .outOfRange(parameter: "comparisons", value: Double(comparisons))
        }
        try Check.fraction(level, "level")
        let low = Binomial.quantile(0.025, comparisons, level)
        let high = Binomial.quantile(0.975, comparisons, level)
        accepted = low...high
    }
}
