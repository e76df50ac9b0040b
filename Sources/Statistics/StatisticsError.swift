// SPDX-License-Identifier: GPL-3.0-or-later

/// Why a statistic cannot be computed from what was given.
public enum StatisticsError: Error, Sendable, Equatable {
    /// Fewer values than the statistic needs.
    case tooFewValues(needed: Int, given: Int)
    /// A value is NaN or infinite; its place, from 0.
    case notFinite(index: Int)
    /// A count, rate or duration that has to be above zero is not.
    case notPositive(quantity: String, value: Double)
    /// A parameter lies outside the range that its documentation gives.
    case outOfRange(parameter: String, value: Double)
    /// Two lists that belong together differ in length.
    case lengthsDiffer(Int, Int)
}

extension StatisticsError: CustomStringConvertible {
    /// One sentence without a full stop.
    public var description: String {
        switch self {
        case .tooFewValues(let needed, let given):
            "\(given) values are too few: at least \(needed) are needed"
        case .notFinite(let index): "value \(index) is not a finite number"
        case .notPositive(let quantity, let value): "\(quantity) must be above zero, not \(value)"
        case .outOfRange(let parameter, let value): "\(parameter) is out of range: \(value)"
        case .lengthsDiffer(let first, let second):
            "lists of \(first) and \(second) values do not belong together"
        }
    }
}
