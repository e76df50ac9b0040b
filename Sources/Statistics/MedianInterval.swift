// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// Bounds the median of a sample by two of its values, whatever its distribution.
///
/// Source: H. David and H. Nagaraja, *Order Statistics*, 3rd ed. (2003), section 7.1.
public struct MedianInterval: Sendable, Equatable {
    /// The sample's median, in its unit.
    public let median: Double
    /// The interval; its confidence is what was asked for.
    public let interval: Interval
    /// The lower end's place in ascending order, from 1.
    public let lowerOrder: Int
    /// The upper end's place in ascending order, from 1.
    public let upperOrder: Int
    /// What the interval really covers, a fraction of at least the confidence.
    public let coverage: Double

    /// The narrowest symmetric pair of order statistics that covers the median well enough.
    ///
    /// - Throws: `tooFewValues` when even the whole range covers less than the confidence;
    ///   `notFinite`; `outOfRange` unless the confidence lies in (0, 1).
    public init(_ values: [Double], confidence: Double = 0.95) throws(StatisticsError) {
        try Check.fraction(confidence, "confidence")
        try Check.sample(values, atLeast: 1)
        let n = values.count
        let order = countAtMost((1 - confidence) / 2, limit: (n - 1) / 2) {
            Binomial.lower($0, n, 0.5)
        }
        guard order > 0 else {
            let needed = Int((1 - log2(1 - confidence)).rounded(.up))
            throw .tooFewValues(needed: needed, given: n)
        }
        let sorted = values.sorted()
        median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2
        interval = Interval(
            lower: sorted[order - 1], upper: sorted[n - order], confidence: confidence)
        lowerOrder = order
        upperOrder = n + 1 - order
        coverage = 1 - 2 * Binomial.lower(order - 1, n, 0.5)
    }
}
