// SPDX-License-Identifier: GPL-3.0-or-later

/// Count, mean and spread of a sample, in the sample's unit.
///
/// Deviations are taken from the first value before they are summed, so that a sample of equal
/// values has exactly no spread.
public struct Moments: Sendable, Equatable {
    /// How many values.
    public let count: Int
    /// Their mean.
    public let mean: Double
    /// Their variance with n − 1 below the line.
    public let variance: Double

    /// The standard deviation s.
    public var deviation: Double { variance.squareRoot() }
    /// The mean's standard error s/√n.
    public var standardError: Double { (variance / Double(count)).squareRoot() }

    /// Describes at least two finite values.
    ///
    /// - Throws: `tooFewValues`, `notFinite`.
    public init(_ values: [Double]) throws(StatisticsError) {
        try Check.sample(values, atLeast: 2)
        let origin = values[0]
        let n = Double(values.count)
        var sum = 0.0
        for value in values { sum += value - origin }
        let mean = origin + sum / n
        var squares = 0.0
        for value in values { squares += (value - mean) * (value - mean) }
        guard squares.isFinite else { throw .outOfRange(parameter: "spread", value: squares) }
        count = values.count
        self.mean = mean
        variance = squares / (n - 1)
    }
}
