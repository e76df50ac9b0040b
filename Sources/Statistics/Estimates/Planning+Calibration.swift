// SPDX-License-Identifier: GPL-3.0-or-later

import CRmath

extension Planning {
    /// How many of some A/A comparisons may reject while the error rate is as it should be.
    ///
    /// - Parameters:
    ///   - comparisons: their number, from 1 to 10⁹.
    ///   - level: the error rate of each, in (0, 1).
    /// - Returns: the fewest and the most rejections that are in order.
    /// - Throws: `outOfRange`.
    /// - Source: the central 95 % of the binomial distribution.
    public static func acceptedRejections(
        comparisons: Int, level: Double = 0.05
    ) throws(StatisticsError) -> ClosedRange<Int> {
        guard (1...1_000_000_000).contains(comparisons) else {
            throw .outOfRange(parameter: "comparisons", value: Double(comparisons))
        }
        try Check.fraction(level, "level")
        func quantile(_ p: Double) -> Int { Int(crmath_qbinom(p, Double(comparisons), level)) }
        return quantile(0.025)...quantile(0.975)
    }
}
