// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux

/// Reads metrics from what a program printed.
///
/// Line ends are `\n`, `\r\n` and `\r`. A regular expression and a word are looked for in each line.
package struct MetricReader {
    /// The most bytes of output that are looked through.
    package static let longest = 4 << 20
    /// The most bytes of a line that a regular expression is held against. Some expressions take
    /// the square of a line's length: of this one, half a second.
    static let longestLine = 2 << 10
    /// Nanoseconds that all expressions of a slice may take together, and the last line's beyond:
    /// less than the silence after which an agent counts as hung.
    package static let longestTime: UInt64 = 4_000_000_000

    package let requests: [MetricRequest]
    private let patterns: [MetricPattern?]
    private let patience: UInt64

    /// A reader of these metrics.
    ///
    /// - Parameter patience: nanoseconds that its expressions may take for a slice.
    /// - Throws: `usage` for a regular expression that is wrong.
    package init(
        _ requests: [MetricRequest], patience: UInt64 = longestTime
    ) throws(PlumblineError) {
        self.requests = requests
        self.patience = patience
        var patterns: [MetricPattern?] = []
        for request in requests {
            if case .regex(let pattern) = request.reader {
                patterns.append(try MetricPattern(pattern))
            } else {
                patterns.append(nil)
            }
        }
        self.patterns = patterns
    }

    /// When the expressions of a slice must be done that is read from now on, nanoseconds of the
    /// monotonic clock.
    package var deadline: UInt64 { Clock.monotonicNanoseconds() + patience }

    /// One number for each metric, in its unit; all are finite.
    ///
    /// - Parameters:
    ///   - output: what the program printed.
    ///   - elapsed: its own time, nanoseconds.
    ///   - deadline: that of the slice, for which several outputs may be read; nil for one output.
    package func read(
        from output: [UInt8], elapsed: Int, until deadline: UInt64? = nil
    ) throws(MetricError) -> [Double] {
        let text = ProgramOutput(output, deadline: deadline ?? self.deadline)
        var values: [Double] = []
        for (request, pattern) in zip(requests, patterns) {
            do {
                let numbers = try text.numbers(of: request, pattern, elapsed: elapsed)
                values.append(try request.picked(numbers))
            } catch {
                throw MetricError(request: request, reason: error, output: text.beginning)
            }
        }
        return values
    }
}

/// An output and what is looked for in it, each part made when it is first needed.
private final class ProgramOutput {
    private let bytes: [UInt8]
    private lazy var lines = bytes.split { $0 == 10 || $0 == 13 }
    private lazy var documents = Result { () throws(JSONParser.Failure) in
        try JSONParser.documents(in: bytes)
    }

    private let deadline: UInt64

    init(_ bytes: [UInt8], deadline: UInt64) {
        self.bytes = bytes
        self.deadline = deadline
    }

    /// The first words, for errors.
    var beginning: String {
        String(String(decoding: bytes.prefix(256), as: UTF8.self).trimmed.printable.prefix(60))
    }

    func numbers(
        of request: MetricRequest, _ pattern: MetricPattern?, elapsed: Int
    ) throws(MetricReason) -> [Double] {
        if case .time = request.reader { return [Double(elapsed) / request.unit.factor] }
        guard bytes.count <= MetricReader.longest else { throw .tooLong(bytes.count) }
        guard bytes.contains(where: { !Self.isBlank($0) }) else { throw .nothingPrinted }
        switch request.reader {
        case .json(let path): return try numbers(at: path, of: request)
        case .key(let key): return try numbers(behind: Array(key.utf8), of: request)
        case .regex, .time:
            guard let pattern else { return [] }
            return try numbers(matching: pattern, of: request)
        }
    }

    private func numbers(
        at path: JSONPath, of request: MetricRequest
    ) throws(MetricReason) -> [Double] {
        let found: [JSONValue]
        switch documents {
        case .success(let documents): found = documents
        case .failure(let failure): throw .brokenJSON(failure.why, line: failure.line)
        }
        guard !found.isEmpty else { throw .noJSON }
        var numbers: [Double] = []
        for value in found.flatMap({ $0.values(at: path) }) {
            switch value {
            case .number(let number): numbers.append(try MetricNumber(bare: number).value)
            case .string(let text): numbers.append(try MetricNumber(text, of: request).value)
            default: throw .notNumber(value.text)
            }
        }
        return numbers
    }

    private func numbers(
        matching pattern: MetricPattern, of request: MetricRequest
    ) throws(MetricReason) -> [Double] {
        var numbers: [Double] = []
        for line in lines {
            guard line.count <= MetricReader.longestLine else { throw .longLine(line.count) }
            guard Clock.monotonicNanoseconds() < deadline else { throw .slow }
            for match in String(decoding: line, as: UTF8.self).matches(of: pattern.regex) {
                // A group in an alternative that did not match.
                guard let group = match.output[1].substring else { continue }
                numbers.append(try MetricNumber(group, of: request).value)
            }
        }
        return numbers
    }

    /// Numbers behind a word and a colon or an equals sign.
    private func numbers(
        behind key: [UInt8], of request: MetricRequest
    ) throws(MetricReason) -> [Double] {
        var numbers: [Double] = []
        for line in lines {
            for end in Self.ends(of: key, in: line) {
                let rest = line[end...].drop(while: Self.isBlank)
                guard let sign = rest.first,
                    sign == UInt8(ascii: ":") || sign == UInt8(ascii: "=")
                else { continue }
                let value = rest.dropFirst().drop(while: Self.isBlank)
                numbers.append(try MetricNumber(leading: value, of: request).value)
            }
        }
        return numbers
    }

    /// Where a word ends in a line; it does not begin within another word.
    private static func ends(of key: [UInt8], in line: ArraySlice<UInt8>) -> [Int] {
        var ends: [Int] = []
        var place = line.startIndex
        while let start = line[place...].firstIndex(of: key[0]) {
            place = start + 1
            guard line[start...].starts(with: key) else { continue }
            if start > line.startIndex, isWordPart(line[start - 1]) { continue }
            ends.append(start + key.count)
        }
        return ends
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 32 || (9...13).contains(byte)
    }

    private static func isWordPart(_ byte: UInt8) -> Bool {
        MetricNumber.isDigit(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            || "_-./".utf8.contains(byte) || byte > 127
    }
}

extension MetricRequest {
    /// The number that is taken.
    fileprivate func picked(_ numbers: [Double]) throws(MetricReason) -> Double {
        guard let first = numbers.first else { throw .noMatch }
        let value =
            switch pick {
            case nil:
                first
            case .first: first
            case .last: numbers[numbers.count - 1]
            case .min: numbers.reduce(first) { Swift.min($0, $1) }
            case .max: numbers.reduce(first) { Swift.max($0, $1) }
            case .mean: numbers.reduce(0, +) / Double(numbers.count)
            case .sum: numbers.reduce(0, +)
            }
        guard pick != nil || numbers.count == 1 else { throw .several(numbers.count) }
        guard value.isFinite else { throw .notFinite("\(value)") }
        return value
    }
}
