// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Makes the inputs of a target: input `number` of a seed is the same on every machine.
struct Mutator {
    /// Bytes of an input, beyond which it does not grow.
    private static let longest = 64 << 10
    /// Texts that parsers are known to trip over.
    private static let words = [
        "", "0", "-1", "1", "-0", "9223372036854775807", "-9223372036854775808",
        "18446744073709551615", "18446744073709551616", "1e308", "-1e308", "1e999", "0x7f", "nan",
        "inf", "null", "true", "[]", "{}", "\"\"", "[[", "]]", "{{", "}}", "\\u0000", "\\ud800",
        "\u{0}", "\u{1b}[2J", "\u{202e}", "\u{feff}", "e\u{301}", "👩‍👩‍👧", "\r\n", "\n\n", "\t", "'",
        "\"", "\\", "../", "/../../etc/passwd", "-oProxyCommand=x", "--", "%s", "$(id)", "`id`",
        ";id", "&a", "*a", "<<: *a", "!!binary ", "? ", "- - - ", ": ", "# ", "~",
    ]
    /// Values of another kind, in the place of a JSON or YAML value.
    private static let values = [
        "null", "true", "0", "-1", "1.5", "1e308", "9223372036854775807", "18446744073709551615",
        "\"\"", "\"x\"", "[]", "{}", "[null]", "{\"\":0}", "[[[[[[]]]]]]",
    ]

    private let target: FuzzTarget
    private let seed: UInt64
    private let words: [[UInt8]]

    init(_ target: FuzzTarget, seed: UInt64) {
        self.target = target
        let name = target.name.utf8.reduce(0) { ($0 &* 31) &+ Int($1) }
        self.seed = SplitMix64.derive(seed, name)
        words = (Self.words + target.words).map(\.bytes)
    }

    /// Input `number`; the first ones are the real inputs as they are.
    func input(_ number: Int) -> [UInt8] {
        if number < target.seeds.count { return target.seeds[number] }
        var random = SplitMix64(seed: SplitMix64.derive(seed, number))
        var input = target.seeds[random.below(target.seeds.count)]
        for _ in 0..<(1 << random.below(4)) { change(&input, &random) }
        if input.count > Self.longest { input.removeLast(input.count - Self.longest) }
        return random.below(4) > 0 ? target.repair(input) : input
    }

    private func change(_ input: inout [UInt8], _ random: inout SplitMix64) {
        guard !input.isEmpty else {
            input = words[random.below(words.count)]
            return
        }
        let place = random.below(input.count)
        switch random.below(13) {
        case 0: input[place] ^= 1 << UInt8(random.below(8))
        case 1: input[place] = UInt8(truncatingIfNeeded: random.next())
        case 2: input.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
        case 3: input.removeSubrange(part(of: input, from: place, &random))
        case 4: input.insert(contentsOf: input[part(of: input, from: place, &random)], at: place)
        case 5: repeatPart(of: &input, from: place, &random)
        case 6, 7: input.insert(contentsOf: words[random.below(words.count)], at: place)
        case 8: input.replaceSubrange(number(in: input, from: place), with: word(&random))
        case 9: replaceValue(in: &input, from: place, &random)
        case 10: splice(&input, at: place, &random)
        case 11: exchangeLines(of: &input, from: place, &random)
        default: input.removeLast(input.count - place)
        }
    }

    private func word(_ random: inout SplitMix64) -> [UInt8] { words[random.below(words.count)] }

    /// A range that is short more often than long.
    private func part(
        of input: [UInt8], from place: Int, _ random: inout SplitMix64
    ) -> Range<Int> {
        let longest = 1 << random.below(10)
        return place..<min(input.count, place + 1 + random.below(longest))
    }

    private func repeatPart(
        of input: inout [UInt8], from place: Int, _ random: inout SplitMix64
    ) {
        let piece = Array(input[part(of: input, from: place, &random)])
        let times = min(1 << random.below(12), Self.longest / piece.count)
        input.insert(contentsOf: repeatElement(piece, count: times).joined(), at: place)
    }

    /// The first run of digits from a place; empty at the end where there is none.
    private func number(in input: [UInt8], from place: Int) -> Range<Int> {
        func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
        guard let start = input[place...].firstIndex(where: isDigit) else {
            return input.count..<input.count
        }
        return start..<(input[start...].firstIndex { !isDigit($0) } ?? input.count)
    }

    /// Puts a value of another kind behind the next colon.
    private func replaceValue(
        in input: inout [UInt8], from place: Int, _ random: inout SplitMix64
    ) {
        guard let colon = input[place...].firstIndex(of: UInt8(ascii: ":")) else { return }
        let end = input[(colon + 1)...].firstIndex { ",}]\n".utf8.contains($0) } ?? input.count
        let value = Self.values[random.below(Self.values.count)]
        input.replaceSubrange((colon + 1)..<end, with: " \(value)".utf8)
    }

    /// Goes on as another input does.
    private func splice(_ input: inout [UInt8], at place: Int, _ random: inout SplitMix64) {
        let other = target.seeds[random.below(target.seeds.count)]
        guard !other.isEmpty else { return }
        input.replaceSubrange(place..., with: other[random.below(other.count)...])
    }

    /// Exchanges two lines, or doubles or removes one.
    private func exchangeLines(
        of input: inout [UInt8], from place: Int, _ random: inout SplitMix64
    ) {
        var lines = input.split(separator: 10, omittingEmptySubsequences: false).map { Array($0) }
        let (one, other) = (random.below(lines.count), random.below(lines.count))
        switch random.below(3) {
        case 0: lines.swapAt(one, other)
        case 1: lines.insert(lines[one], at: other)
        default: lines.remove(at: one)
        }
        input = Array(lines.joined(separator: [10]))
    }
}
