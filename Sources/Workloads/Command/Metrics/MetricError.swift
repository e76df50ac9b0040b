// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells

/// What was found instead of one number.
package enum MetricReason: Error, Equatable {
    /// The program printed nothing.
    case nothingPrinted
    /// More bytes than are looked through.
    case tooLong(Int)
    /// A line of more bytes than a regular expression is held against.
    case longLine(Int)
    /// A regular expression takes too long.
    case slow
    /// There is no JSON in the output.
    case noJSON
    /// The JSON is wrong, with the line of the output.
    case brokenJSON(String, line: Int)
    /// The output does not have what is asked for.
    case noMatch
    /// Several numbers where one is asked for.
    case several(Int)
    /// What stands there is no number.
    case notNumber(String)
    /// The number is infinite, or none (NaN).
    case notFinite(String)
    /// The number's unit is of another kind than the metric's.
    case otherUnit(String)

    /// Whether the output does not have the metric, so that it may be elsewhere.
    package var isAbsence: Bool {
        switch self {
        case .nothingPrinted, .noJSON, .noMatch: true
        case .tooLong, .longLine, .slow, .brokenJSON, .several, .notNumber, .notFinite, .otherUnit:
            false
        }
    }
}

/// Why a metric could not be read from what a program printed.
package struct MetricError: Error, Equatable, CustomStringConvertible {
    package let request: MetricRequest
    package let reason: MetricReason
    /// The beginning of the output, on one line.
    package let output: String

    package var description: String {
        let metric = "the metric \(request.name.printable) (\(request.description.printable))"
        return switch reason {
        case .nothingPrinted: "\(metric) was not printed: the program printed nothing"
        case .tooLong(let bytes):
            "\(metric) was not read: the program printed \(ByteSize(bytes)) "
                + "(allowed: \(ByteSize(MetricReader.longest)))"
        case .longLine(let bytes):
            "\(metric) was not read: a line of the output has \(bytes) bytes "
                + "(allowed: \(MetricReader.longestLine))"
        case .slow:
            "\(metric) was not read: the regular expression takes too long"
        case .noJSON: "\(metric) was not printed: there is no JSON in the output\(begins)"
        case .brokenJSON(let why, let line):
            "\(metric) was not read: the JSON is wrong in line \(line) of the output: \(why)"
        case .noMatch: "\(metric) was not printed\(begins)"
        case .several(let count): "\(metric) was printed \(count) times, and one is asked for"
        case .notNumber(let text): "\(metric) is '\(text.printable)', which is not a number"
        case .notFinite(let text): "\(metric) is '\(text.printable)', which is not a finite number"
        case .otherUnit(let text):
            "\(metric) is '\(text.printable)', "
                + (request.unit.text.isEmpty
                    ? "and the metric has no unit"
                    : "which is not in \(request.unit.text.printable)")
        }
    }

    /// What the user can do.
    package var remedy: String {
        switch reason {
        case .nothingPrinted: "see whether the program prints to standard error"
        case .tooLong, .longLine: "make the program print less, or filter its output"
        case .slow: "write an expression that begins with a word or with ^"
        case .noJSON, .brokenJSON: "make the program print JSON, or read the metric in another way"
        case .noMatch: "compare the metric with what the program prints"
        case .several:
            "say which is meant: "
                + MetricRequest.Pick.allCases
                .map { "\($0.rawValue):" }.joined(separator: ", ") + " before the metric"
        case .notNumber, .notFinite: "see why the program printed it"
        case .otherUnit: "give the metric a unit of the same kind"
        }
    }

    private var begins: String {
        output.isEmpty ? "" : "; the output begins with '\(output)'"
    }

    /// The error as a user gets it.
    package var plumblineError: PlumblineError { .failure(description, remedy: remedy) }
}
