// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// Two journals of one kernel each, compared by how much sessions of one kernel differ by themselves.
///
/// d = ln(rate_B / rate_A), its standard error S·√2 with S the standard deviation of the log rates
/// of k earlier sessions of one kernel, and t with k − 1 degrees of freedom.
public struct SessionComparison: Sendable, Equatable {
    /// Fewer sessions than this do not carry a comparison.
    public static let leastSessions = 6

    /// The log ratio with its error.
    public let estimate: StudentT

    /// Compares two rates in one unit.
    ///
    /// - Parameters:
    ///   - history: the rates of at least six earlier sessions of one kernel.
    /// - Throws: `tooFewValues`; `notPositive` for a rate that is not above zero.
    public init(a: Double, b: Double, history: [Double]) throws(StatisticsError) {
        guard history.count >= Self.leastSessions else {
            throw .tooFewValues(needed: Self.leastSessions, given: history.count)
        }
        for rate in [a, b] + history { try Check.positive(rate, "rate") }
        let moments = try Moments(history.map { log($0) })
        estimate = StudentT(
            estimate: log(b) - log(a), standardError: moments.deviation * 2.0.squareRoot(),
            degreesOfFreedom: Double(history.count - 1))
    }
}
