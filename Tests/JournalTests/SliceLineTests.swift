// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Testing

@testable import Journal
@testable import Protocol

struct SliceLineTests {
    private static let words =
        "B 0 0 3 - 2 true 1763683200000000000 100 6553600 500000123 9 - - - -"

    private static func read(_ bytes: [UInt8]) throws -> SliceSummary {
        try bytes.dropLast().withUnsafeBytes { line in
            Result { () throws(PlumblineError) in try SliceSummary(line) }
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
            #expect(try Self.read(JournalLine.encode("slice", summary.line)) == summary)
        }
    }

    @Test(arguments: [
        ("", "word 1 is"), (words.replacing("B", with: "C"), "word 1 is"),
        (words.replacing("B 0 0", with: "B 0"), "word 6 is"),
        (words.replacing("B 0", with: "B -"), "word 2 is"),
        (words.replacing("true", with: "1"), "word 7 is"),
        (words.replacing(" 100 ", with: " 18446744073709551616 "), "word 9 is"),
        (words.replacing(" 100 ", with: " -1 "), "word 9 is"),
        (words.replacing(" 100 ", with: " \(String(repeating: "9", count: 60)) "), "word 9 is"),
        (words.replacing(" 100 ", with: " 1e2 "), "word 9 is"),
        (words.replacing(" 100 ", with: "  "), "word 9 is"),
        (String(words.dropLast(2)), "word 16 is missing"), (words + " 4", "more than 16 words"),
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
}
