// SPDX-License-Identifier: GPL-3.0-or-later

/// The Hodges–Lehmann estimate of a centre: the median of the averages of all pairs, each value
/// paired with itself too.
///
/// Source: J. Hodges and E. Lehmann, *Estimates of location based on rank tests*, Annals of
/// Mathematical Statistics 34 (1963).
public struct HodgesLehmann: Sendable, Equatable {
    /// The estimate, in the sample's unit.
    public let estimate: Double

    /// The centre of at least one finite value; linear in n but for the sort.
    ///
    /// - Throws: `tooFewValues`, `notFinite`.
    public init(_ values: [Double]) throws(StatisticsError) {
        try Check.sample(values, atLeast: 1)
        estimate = PairSums(values.sorted()).median / 2
    }
}
