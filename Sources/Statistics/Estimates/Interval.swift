// SPDX-License-Identifier: GPL-3.0-or-later

/// A confidence interval, in the unit of what it bounds.
public struct Interval: Sendable, Equatable {
    /// The lower end; −∞ when the data do not bound it.
    public var lower: Double
    /// The upper end; +∞ when the data do not bound it.
    public var upper: Double
    /// The coverage it was made for, a fraction in (0, 1).
    public var confidence: Double

    /// An interval from its ends.
    public init(lower: Double, upper: Double, confidence: Double) {
        self.lower = lower
        self.upper = upper
        self.confidence = confidence
    }

    /// Whether a value lies between the ends or on one.
    public func contains(_ value: Double) -> Bool { lower <= value && value <= upper }

    /// Of an interval of log ratios, the change in percent at both ends.
    public var percent: Interval {
        Interval(
            lower: Percent.change(ofLogRatio: lower), upper: Percent.change(ofLogRatio: upper),
            confidence: confidence)
    }

    /// Of an interval of log ratios, the largest change either way that it allows, in percent.
    public var largestChange: Double { max(abs(percent.lower), abs(percent.upper)) }
}
