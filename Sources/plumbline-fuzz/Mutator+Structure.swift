// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Changes of lines, words and numbers: the ends of JSON, YAML and mails stay where they are.
extension Mutator {
    /// Numbers at the ends of the types that read them, and forms of numbers.
    static let numbers = [
        "0", "-0", "1", "-1", "00", "1.5", "2147483647", "-2147483649", "4294967296",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808",
        "-9223372036854775809", "18446744073709551615", "18446744073709551616", "1e308", "-1e308",
        "1e999", "1e-999", "0x7f", "1_000", "nan", "inf", String(repeating: "9", count: 100),
    ]
    /// Values of another kind, in the place of a JSON or YAML value.
    private static let values =
        (numbers.prefix(18) + [
            "null", "true", "\"\"", "\"x\"", "[]", "{}", "[null]", "{\"\":0}", "[1,2]", "x", "~",
        ]).map(\.bytes)
    private static let brackets = [("[", "]"), ("{\"a\":", "}"), ("{a: ", "}"), ("- ", "")]

    /// Makes one change.
    func changeStructure(of input: inout [UInt8], _ random: inout SplitMix64) {
        guard !input.isEmpty else {
            input = word(&random)
            return
        }
        let place = random.below(input.count)
        // What follows the sixth is for inputs of several lines.
        switch random.below(input.contains(10) ? 12 : 7) {
        case 0: input.replaceSubrange(number(in: input, from: place), with: number(&random))
        case 1: replaceToken(in: &input, at: place, &random)
        case 2: exchangeTokens(in: &input, place, random.below(input.count))
        case 3: nest(in: &input, at: place, &random)
        case 4: lengthen(in: &input, at: place, &random)
        case 5: insert(word(&random), into: &input, at: token(in: input, at: place).lowerBound)
        case 6: input.removeSubrange(token(in: input, at: place))
        case 7: input.removeSubrange(line(in: input, at: place))
        case 8: copyLine(in: &input, at: place, times: 1, &random)
        case 9: copyLine(in: &input, at: place, times: 1 << random.below(12), &random)
        case 10: indent(&input, at: place, &random)
        default: endLines(of: &input, at: place, &random)
        }
    }

    /// The line around a place, with its end.
    func line(in input: [UInt8], at place: Int) -> Range<Int> {
        let start = input[..<place].lastIndex(of: 10).map { $0 + 1 } ?? 0
        return start..<(input[place...].firstIndex(of: 10).map { $0 + 1 } ?? input.count)
    }

    private func number(_ random: inout SplitMix64) -> [UInt8] {
        Self.numbers[random.below(Self.numbers.count)].bytes
    }

    /// The first run of digits from a place; empty at the end where there is none.
    private func number(in input: [UInt8], from place: Int) -> Range<Int> {
        func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
        guard let start = input[place...].firstIndex(where: isDigit) else {
            return input.count..<input.count
        }
        return start..<(input[start...].firstIndex { !isDigit($0) } ?? input.count)
    }

    /// The word around a place, or the next one; empty at the end where there is none.
    private func token(in input: [UInt8], at place: Int) -> Range<Int> {
        func ends(_ byte: UInt8) -> Bool {
            switch byte {
            case 10, 32, UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["),
                UInt8(ascii: "]"), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "\""),
                UInt8(ascii: "'"), UInt8(ascii: "="), UInt8(ascii: "|"):
                true
            default: false
            }
        }
        guard let inside = input[place...].firstIndex(where: { !ends($0) }) else {
            return input.count..<input.count
        }
        let start = input[..<inside].lastIndex(where: ends).map { $0 + 1 } ?? 0
        return start..<(input[inside...].firstIndex(where: ends) ?? input.count)
    }

    /// Puts another value there; into a text in quotes one without quotes, or another one's.
    private func replaceToken(
        in input: inout [UInt8], at place: Int, _ random: inout SplitMix64
    ) {
        let range = token(in: input, at: place)
        let isQuoted = range.lowerBound > 0 && input[range.lowerBound - 1] == UInt8(ascii: "\"")
        if isQuoted, random.below(2) == 0 {
            let other = token(in: input, at: random.below(input.count))
            input.replaceSubrange(range, with: Array(input[other]))
        } else {
            let value = isQuoted ? word(&random) : Self.values[random.below(Self.values.count)]
            input.replaceSubrange(range, with: value)
        }
    }

    /// Exchanges two words: keys, values, or one with the other.
    private func exchangeTokens(in input: inout [UInt8], _ one: Int, _ other: Int) {
        let first = token(in: input, at: min(one, other))
        let second = token(in: input, at: max(one, other))
        guard first.upperBound <= second.lowerBound else { return }
        let bytes = Array(input[first])
        let later = Array(input[second])
        input.replaceSubrange(second, with: bytes)
        input.replaceSubrange(first, with: later)
    }

    /// Puts a word into lists or mappings, at times thousands deep.
    private func nest(in input: inout [UInt8], at place: Int, _ random: inout SplitMix64) {
        let (open, close) = Self.brackets[random.below(Self.brackets.count)]
        let depth = 1 << random.below(13)
        let range = token(in: input, at: place)
        guard input.count + depth * (open.utf8.count + close.utf8.count) <= longest else {
            return
        }
        // A text in quotes is taken with them.
        let isQuoted =
            range.lowerBound > 0 && range.upperBound < input.count
            && input[range.lowerBound - 1] == UInt8(ascii: "\"")
            && input[range.upperBound] == UInt8(ascii: "\"")
        let whole = isQuoted ? range.lowerBound - 1..<range.upperBound + 1 : range
        input.insert(
            contentsOf: repeatElement(close.utf8, count: depth).joined(), at: whole.upperBound)
        input.insert(
            contentsOf: repeatElement(open.utf8, count: depth).joined(), at: whole.lowerBound)
    }

    /// Repeats a word within itself, up to the longest input.
    private func lengthen(in input: inout [UInt8], at place: Int, _ random: inout SplitMix64) {
        let range = token(in: input, at: place)
        guard !range.isEmpty else { return }
        let piece = Array(input[range])
        let times = min(1 << random.below(16), max(0, longest - input.count) / piece.count)
        input.insert(
            contentsOf: repeatElement(piece, count: times).joined(), at: range.upperBound)
    }

    /// Puts copies of a line before another one.
    private func copyLine(
        in input: inout [UInt8], at place: Int, times: Int, _ random: inout SplitMix64
    ) {
        let piece = Array(input[line(in: input, at: place)])
        let other = line(in: input, at: random.below(input.count)).lowerBound
        let times = min(times, max(0, longest - input.count) / piece.count)
        input.insert(contentsOf: repeatElement(piece, count: times).joined(), at: other)
    }

    /// Moves a line's text to the right or to the left.
    private func indent(_ input: inout [UInt8], at place: Int, _ random: inout SplitMix64) {
        let start = line(in: input, at: place).lowerBound
        if random.below(2) == 0 {
            insert(Array(repeating: 32, count: 1 << random.below(9)), into: &input, at: start)
        } else {
            let blanks = input[start...].prefix { $0 == 32 }.count
            input.removeSubrange(start..<start + min(blanks, 1 + random.below(4)))
        }
    }

    /// Ends lines as other systems do: one or all of them; or takes one end away.
    private func endLines(of input: inout [UInt8], at place: Int, _ random: inout SplitMix64) {
        let end = line(in: input, at: place).upperBound - 1
        switch random.below(4) {
        case 0: input = Array(input.split(separator: 10).joined(separator: [13, 10]))
        case 1: insert([13], into: &input, at: end)
        case 2: input[end] = 13
        default: input.remove(at: end)
        }
    }
}
