// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells

/// A number as programs print it: `1234`, `1,234`, `-1.5e3`, `1.21M`, `12.3 usecs/op`, `4.7GiB/s`.
///
/// The rule: digits, with commas between groups of three, a fraction and an exponent, then blanks or
/// none, and a unit or none. The unit may be K, M, G, T or P alone (thousands), Ki and so on (1024),
/// a unit that `MetricUnit` knows, which is converted to the metric's unit, or the metric's own
/// word.
struct MetricNumber: Equatable {
    /// The value in the metric's unit.
    let value: Double

    /// Reads a text of nothing but a number and its unit.
    init(_ text: some StringProtocol, of request: MetricRequest) throws(MetricReason) {
        let bytes = Array(text.trimmed.utf8)[...]
        guard let end = Self.end(of: bytes) else { throw Self.without(bytes) }
        value = try Self.value(of: bytes[..<end], unit: bytes[end...], in: bytes, of: request)
    }

    /// Reads the number that a text begins with. A comma, a semicolon, a closing bracket or a blank
    /// ends it. A word behind a blank is its unit if it is the metric's or one that is known;
    /// other words are not looked at.
    init(leading text: ArraySlice<UInt8>, of request: MetricRequest) throws(MetricReason) {
        guard let end = Self.end(of: text) else { throw Self.without(text) }
        let rest = text[end...]
        var unit = rest.drop { $0 == UInt8(ascii: " ") }.prefix { !Self.isEnd($0) }
        if let next = rest.first, Self.isEnd(next) {
            // A digit behind the comma of `1,5`: nobody knows what is meant.
            if next == UInt8(ascii: ","), rest.dropFirst().first.map(Self.isDigit) ?? false {
                throw .notNumber(Self.word(text))
            }
            let word = String(decoding: unit, as: UTF8.self)
            let isUnit = MetricUnit(word).isKnown || word == request.unit.text
            if next != UInt8(ascii: " ") || !isUnit { unit = [] }
        }
        value = try Self.value(of: text[..<end], unit: unit, in: text, of: request)
    }

    /// A value that has no unit of its own.
    init(bare value: Double) throws(MetricReason) {
        guard value.isFinite else { throw .notFinite("\(value)") }
        self.value = value
    }

    private static func value(
        of digits: ArraySlice<UInt8>, unit bytes: ArraySlice<UInt8>, in whole: ArraySlice<UInt8>,
        of request: MetricRequest
    ) throws(MetricReason) -> Double {
        let number = String(decoding: digits.filter { $0 != UInt8(ascii: ",") }, as: UTF8.self)
        let unit = String(decoding: bytes, as: UTF8.self).trimmed
        let end = bytes.isEmpty ? digits.endIndex : bytes.endIndex
        let text = String(decoding: whole[..<end].prefix(64), as: UTF8.self)
        guard let parsed = Double(number) else { throw .notNumber(text) }
        guard let factor = factor(unit, of: request) else {
            throw isWord(unit) ? .otherUnit(text) : .notNumber(text)
        }
        guard (parsed * factor).isFinite else { throw .notFinite(text) }
        return parsed * factor
    }

    /// What a number with this unit is multiplied by; nil for a unit of another kind.
    private static func factor(_ text: String, of request: MetricRequest) -> Double? {
        guard !text.isEmpty, text != request.unit.text else { return 1 }
        let unit = MetricUnit(text, binary: request.usesBinaryPrefixes)
        // K, M and G of whatever the metric counts.
        let isPrefix = unit.kind == "count" && !text.contains("op")
        let isCount = request.unit.kind.isEmpty && unit.kind.hasPrefix("count")
        let fits = unit.kind == request.unit.kind || isCount
        guard fits || isPrefix && !request.unit.kind.hasPrefix("time") else { return nil }
        return unit.factor / request.unit.factor
    }

    /// Where the digits end; nil where no number begins.
    private static func end(of bytes: ArraySlice<UInt8>) -> Int? {
        var place = bytes.startIndex
        func byte(_ place: Int) -> UInt8? { place < bytes.endIndex ? bytes[place] : nil }
        func digits(from start: Int) -> Int {
            bytes[start...].firstIndex { !isDigit($0) } ?? bytes.endIndex
        }
        if let sign = byte(place), sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            place += 1
        }
        let start = place
        place = digits(from: place)
        if (1...3).contains(place - start) {
            while byte(place) == UInt8(ascii: ","), digits(from: place + 1) == place + 4 {
                place += 4
            }
        }
        let whole = place - start
        if byte(place) == UInt8(ascii: "."), place + 1 <= bytes.endIndex {
            let end = digits(from: place + 1)
            guard whole > 0 || end > place + 1 else { return nil }
            place = end
        }
        guard place > start else { return nil }
        if let e = byte(place), e == UInt8(ascii: "e") || e == UInt8(ascii: "E") {
            var exponent = place + 1
            if let sign = byte(exponent), sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
                exponent += 1
            }
            let end = exponent <= bytes.endIndex ? digits(from: exponent) : exponent
            if end > exponent { place = end }
        }
        return place
    }

    /// What is wrong with a text that does not begin with a digit.
    private static func without(_ text: ArraySlice<UInt8>) -> MetricReason {
        let word = word(text)
        let letters = word.lowercased().drop { $0 == "-" || $0 == "+" }
        return ["nan", "inf", "infinity"].contains(letters) ? .notFinite(word) : .notNumber(word)
    }

    private static func word(_ text: ArraySlice<UInt8>) -> String {
        String(decoding: text.prefix { $0 != UInt8(ascii: " ") }.prefix(64), as: UTF8.self)
    }

    static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    /// Whether it ends a number or its unit.
    private static func isEnd(_ byte: UInt8) -> Bool { " \t,;)]}\"'|".utf8.contains(byte) }

    /// Whether a text may be a unit: letters, `%`, `/`, and what is not ASCII, such as µ.
    private static func isWord(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            (65...90).contains(byte) || (97...122).contains(byte) || "%/".utf8.contains(byte)
                || byte > 127
        }
    }
}
