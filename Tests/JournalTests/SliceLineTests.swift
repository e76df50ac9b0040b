// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Testing

@testable import Journal
@testable import Protocol

struct SliceLineTests {
    private static let words =
        "B 0 0 3 - 2 true 1763683200000000000 100 6553600 500000123 9 - - - -"

    private static func read(_ bytes: [UInt8], cell: String = "c") throws -> SliceSummary {
        var cells = CellNames([cell])
        return try bytes.dropLast().withUnsafeBytes { line in
            Result { () throws(PlumblineError) in try SliceSummary(line, of: &cells) }
        }.get()
    }

    private static func line(_ brief: String, cell: String = "c") throws -> [UInt8] {
        try JournalLine.encode("slice", SliceSummary.Line(brief: brief, cell: cell))
    }

    @Test func itsMembersStandInTheOrderOfTheSchema() throws {
        var slice = Samples.fullSlice
        slice.validity = Validity([.unpressured: "3 pages"])
        let line = try JournalLine.encode("slice", SliceSummary(slice).line)
        let text = String(decoding: line, as: UTF8.self)
        #expect(
            text.hasPrefix(
                #"{"kind":"slice","brief":"\#(Self.words)","cell":"pipe/1w1r/64KiB/none","#
                    + #""void":{"unpressured":"3 pages"},"crc32c":""#), "\(text)")
    }

    @Test(arguments: ["c", "a \"quoted\" cell \\ of ünïcode", "", "x\n"])
    func whatIsWrittenIsRead(cell: String) throws {
        var full = Samples.fullSlice
        full.round = 7
        full.startedAt = .max
        full.evidence.workers = [
            "reclaim_stalls": 3, "reclaim_stall_us": .max, "request_reclaims": 2,
        ]
        full.pressure.proof = ["allocstall": 8]
        var valid = full
        valid.validity = Validity()
        for var slice in [full, valid, Samples.slice()] {
            slice.cell = cell
            let summary = SliceSummary(slice)
            let line = try JournalLine.encode("slice", summary.line)
            #expect(try Self.read(line, cell: cell) == summary)
        }
    }

    @Test("a program's own metric is a last word, with a mark", arguments: [0.1, 42, 1e-9, 3.5e12])
    func ownMetric(value: Double) throws {
        var slice = Samples.fullSlice
        slice.value = value
        slice.told = ["p99": 4]
        let summary = SliceSummary(slice)
        #expect(summary.line.brief == "\(Self.words) =\(value)")
        let read = try Self.read(JournalLine.encode("slice", summary.line), cell: slice.cell)
        #expect(read == summary && read.value == value)
        var packed = PackedSlices([summary, SliceSummary(Samples.fullSlice), summary])
        packed.append(summary)
        var values: [Double?] = []
        packed.forEach { values.append($0.value) }
        #expect(values == [value, nil, value, value])
        #expect(SliceDetail(slice).told == ["p99": 4])
    }

    @Test(arguments: [
        (words + " 1", "word 17 is"), (words + " -", "word 17 is"), (words + " =x", "word 17 is"),
        (words + " =1 2", "more than 17 words"),
        ("", "word 1 is"), (words.replacing("B", with: "C"), "word 1 is"),
        (words.replacing("B 0 0", with: "B 0"), "word 6 is"),
        (words.replacing("B 0", with: "B -"), "word 2 is"),
        (words.replacing("true", with: "1"), "word 7 is"),
        (words.replacing(" 100 ", with: " 18446744073709551616 "), "word 9 is"),
        (words.replacing(" 100 ", with: " -1 "), "word 9 is"),
        (words.replacing(" 100 ", with: " \(String(repeating: "9", count: 60)) "), "word 9 is"),
        (words.replacing(" 100 ", with: " 1e2 "), "word 9 is"),
        (words.replacing(" 100 ", with: "  "), "word 9 is"),
        (String(words.dropLast(2)), "word 16 is missing"), (words + " 4", "word 17 is"),
    ])
    func wordsOfAnotherFormAreRefused(brief: String, reason: String) throws {
        let line = try Self.line(brief)
        let error = #expect(throws: PlumblineError.self) { try Self.read(line) }
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        #expect(error?.remedy == "use the version of plumbline that wrote it")
    }

    @Test func aLineWithoutABriefIsRefused() throws {
        let line = try JournalLine.encode("slice", ["cell": "c", "number": "0"])
        let error = #expect(throws: PlumblineError.self) { try Self.read(line) }
        #expect(error?.message == "it does not begin with a slice's brief")
    }

    @Test func aLineOfACellThatTheHeaderLacksIsRefused() throws {
        let line = try Self.line(Self.words, cell: "d\"")
        let error = #expect(throws: PlumblineError.self) { try Self.read(line) }
        #expect(error?.message == "its cell 'd\"' is not in the header")
    }

    /// The words of a brief as plain strings and the standard library read them; nil where one is
    /// not allowed.
    private static func reference(_ brief: String) -> [String]? {
        var words = brief.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        // One space at the end is let pass.
        if words.count == 17, words[16].isEmpty { words.removeLast() }
        guard words.count == 16, ["A", "B", "-"].contains(words[0]),
            ["true", "false"].contains(words[6])
        else { return nil }
        func number<Number: FixedWidthInteger>(_ word: String, _: Number.Type) -> String? {
            let digits = word.drop { $0 == "-" }
            guard digits.count >= word.count - 1, 1...20 ~= digits.count else { return nil }
            return Number(word)?.description
        }
        func optional<Number: FixedWidthInteger>(_ word: String, _ type: Number.Type) -> String? {
            if word == "-" { return word }
            return number(word, type).flatMap { $0 == Number.max.description ? nil : $0 }
        }
        let read: [String?] =
            [
                words[0], number(words[1], Int32.self), number(words[2], Int32.self),
                optional(words[3], Int32.self), optional(words[4], Int32.self),
                optional(words[5], Int8.self), words[6],
            ]
            + (7...10).map { number(words[$0], UInt64.self) }
            + (11...15).map { optional(words[$0], UInt64.self) }
        let known = read.compactMap { $0 }
        return known.count == 16 ? known : nil
    }

    @Test func changedWordsAreReadAsTheStandardLibraryReadsThem() throws {
        let alphabet = Array(" -0123456789ABtruefals.")
        let seeds = [
            Self.words, "A 12 3 - 7 - false 1763683200000000000 0 0 1 - 18446744073709551614 - 1 1",
        ]
        var random = SplitMix64(seed: 20)
        var readable = 0
        for _ in 0..<20_000 {
            var brief = Array(seeds[Int.random(in: 0..<2, using: &random)])
            for _ in 0..<Int.random(in: 0..<4, using: &random) {
                let place = Int.random(in: brief.indices, using: &random)
                let letter = alphabet.randomElement(using: &random)!
                switch Int.random(in: 0..<3, using: &random) {
                case 0: brief[place] = letter
                case 1: brief.insert(letter, at: place)
                default: brief.remove(at: place)
                }
            }
            let text = String(brief)
            let summary = try? Self.read(Self.line(text))
            #expect(summary?.line.brief == Self.reference(text)?.joined(separator: " "), "\(text)")
            readable += summary == nil ? 0 : 1
        }
        #expect(readable > 5_000 && readable < 19_000)
    }

    @Test func aDecimalIsThatOfTheStandardLibrary() {
        var random = SplitMix64(seed: 3)
        func read(_ text: String) -> Double? {
            Array(text.utf8).withUnsafeBytes { Double(word: $0) }
        }
        for text in [
            "0.1", "1.", ".5", ".", "", "-", "1e3", "0.30000000000000004", "9007199254740993.0",
            "900719925474099.3", "00.50", "1..2", "-2.5", "nan", "inf", "1.5 ",
            "12345678901234.567",
        ] {
            #expect(read(text)?.bitPattern == Double(text)?.bitPattern, "\(text)")
        }
        for _ in 0..<20_000 {
            let value =
                Double.random(in: 0..<1, using: &random)
                * [1, 1e3, 1e6, 1e9, 1e12].randomElement(using: &random)!
            #expect(read("\(value)") == value)
        }
    }
}
