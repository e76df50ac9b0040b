// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Makes the inputs of a target: input `number` of a seed is the same on every machine.
struct Mutator {
    /// Bytes by which an input may grow.
    private static let growth = 16 << 10
    /// One in so many inputs is stretched to the length of a large file, to find what takes a time
    /// that grows faster than the length.
    private static let largeShare = 4_096
    private static let large = 1 << 20
    /// One in so many inputs is a real one that ends early, at each byte in turn.
    private static let cutShare = 16
    /// Texts that parsers are known to trip over.
    private static let words = [
        "", "null", "true", "[]", "{}", "\"\"", "[[", "]]", "{{", "}}", "\\u0000", "\\ud800",
        "\u{0}", "\u{1b}[2J", "\u{202e}", "\u{feff}", "e\u{301}", "👩‍👩‍👧", "\r\n", "\n\n", "\t", "'",
        "\"", "\\", "../", "/../../etc/passwd", "-oProxyCommand=x", "--", "%s", "$(id)", "`id`",
        ";id", "/\u{301}../", "-\u{301}x", "&a", "*a", "<<: *a", "!!binary ", "? ", "- - - ", ": ",
        "# ", "~",
    ]
    /// Bytes that are not UTF-8: alone, too long, a surrogate, beyond Unicode, cut off.
    private static let broken: [[UInt8]] = [
        [0], [0x80], [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
        [0xe2, 0x82], [0xf0, 0x9f, 0x91],
    ]

    let target: FuzzTarget
    private let seed: UInt64
    private let words: [[UInt8]]
    private let seedBytes: Int
    /// Bytes of an input, beyond which it does not grow.
    let longest: Int

    init(_ target: FuzzTarget, seed: UInt64) {
        self.target = target
        let name = target.name.utf8.reduce(0) { ($0 &* 31) &+ Int($1) }
        self.seed = SplitMix64.derive(seed, name)
        words = (Self.words + Self.numbers + target.words).map(\.bytes)
        seedBytes = target.seeds.reduce(0) { $0 + $1.count }
        longest = (target.seeds.map(\.count).max() ?? 0) + Self.growth
    }

    /// Input `number`; the first ones are the real inputs as they are.
    func input(_ number: Int) -> [UInt8] {
        if number < target.seeds.count { return target.seeds[number] }
        if number % Self.cutShare == 0 { return cut(at: number / Self.cutShare % seedBytes) }
        var random = SplitMix64(seed: SplitMix64.derive(seed, number))
        var input = target.seeds[random.below(target.seeds.count)]
        // Most inputs keep their structure, so that the parser reads on behind a change.
        if random.below(4) == 0 {
            for _ in 0..<(1 << random.below(4)) { changeBytes(of: &input, &random) }
        } else {
            let most = random.below(8) == 0 ? 4 : 2
            for _ in 0..<(1 << random.below(most)) { changeStructure(of: &input, &random) }
        }
        if random.below(Self.largeShare) == 0 { stretch(&input, &random) }
        if random.below(8) > 0 { target.repair(&input) }
        return input
    }

    /// All real inputs, one behind the other, have these many bytes before the cut; the one in which
    /// it is, up to there.
    private func cut(at place: Int) -> [UInt8] {
        var rest = place
        for seed in target.seeds {
            if rest < seed.count { return Array(seed[..<rest]) }
            rest -= seed.count
        }
        return []
    }

    /// Repeats a line, or a part of one, up to the length of a large file.
    private func stretch(_ input: inout [UInt8], _ random: inout SplitMix64) {
        guard !input.isEmpty else { return }
        let place = random.below(input.count)
        let range = random.below(2) == 0 ? line(in: input, at: place) : place..<place + 1
        let piece = Array(input[range])
        let times = max(0, Self.large - input.count) / piece.count
        var pieces: [UInt8] = []
        pieces.reserveCapacity(times * piece.count)
        for _ in 0..<times { pieces += piece }
        input.insert(contentsOf: pieces, at: range.upperBound)
    }

    private func changeBytes(of input: inout [UInt8], _ random: inout SplitMix64) {
        guard !input.isEmpty else {
            input = word(&random)
            return
        }
        let place = random.below(input.count)
        switch random.below(10) {
        case 0: input[place] ^= 1 << UInt8(random.below(8))
        case 1: input[place] = UInt8(truncatingIfNeeded: random.next())
        case 2: input.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
        case 3: input.removeSubrange(part(of: input, from: place, &random))
        case 4: insert(Array(input[part(of: input, from: place, &random)]), into: &input, at: place)
        case 5: repeatPart(of: &input, from: place, &random)
        case 6: insert(word(&random), into: &input, at: place)
        case 7: insert(Self.broken[random.below(Self.broken.count)], into: &input, at: place)
        case 8: splice(&input, at: place, &random)
        default: input.removeLast(input.count - place)
        }
    }

    /// One of the texts.
    func word(_ random: inout SplitMix64) -> [UInt8] { words[random.below(words.count)] }

    /// Puts bytes into an input that does not become too long by them.
    func insert(_ bytes: [UInt8], into input: inout [UInt8], at place: Int) {
        guard input.count + bytes.count <= longest else { return }
        input.insert(contentsOf: bytes, at: place)
    }

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
        let times = min(1 << random.below(12), max(0, longest - input.count) / piece.count)
        input.insert(contentsOf: repeatElement(piece, count: times).joined(), at: place)
    }

    /// Goes on as another input does.
    private func splice(_ input: inout [UInt8], at place: Int, _ random: inout SplitMix64) {
        let other = target.seeds[random.below(target.seeds.count)]
        guard !other.isEmpty else { return }
        input.replaceSubrange(place..., with: other[random.below(other.count)...])
    }
}
