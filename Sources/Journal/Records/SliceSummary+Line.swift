// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

extension SliceSummary {
    /// The members of its line, in their order.
    ///
    /// Its numbers are words of one string, which stands first: so a reader of a long journal needs
    /// no JSON decoder for the line of a slice that counts.
    struct Line: Codable {
        /// See `passWords`.
        var brief: String
        /// The cell's name.
        var cell: String
        /// Why the slice is void, each with a detail in words; absent when it counts.
        var void: [String: String]?
    }

    /// The words of `brief` in their order; journal.schema.json says what each is.
    private mutating func passWords<Coder: WordCoder>(
        _ words: inout Coder
    ) throws(Coder.Failure) {
        try words.pass(&arm)
        try words.pass(&number)
        try words.pass(&visit)
        try words.pass(&block)
        try words.pass(&round)
        try words.pass(&position)
        try words.pass(&isWarmup)
        try words.pass(&startedAt)
        try words.pass(&operations)
        try words.pass(&bytes)
        try words.pass(&interval)
        try words.pass(&instructions)
        try words.pass(&stalls)
        try words.pass(&workerStalls)
        try words.pass(&workerStallTime)
        try words.pass(&requestReclaims)
    }

    /// What its line holds.
    var line: Line {
        var (summary, words) = (self, WordWriter())
        summary.passWords(&words)
        return Line(brief: words.text, cell: cell, void: void)
    }

    /// Reads a line; the cell's place is not in it.
    ///
    /// - Throws: `failure` saying what is wrong with the line.
    init(_ line: UnsafeRawBufferPointer) throws(PlumblineError) {
        self.init()
        guard var strings = LineStrings(line, after: #"{"kind":"slice","brief":"#),
            let brief = strings.next()
        else { throw Self.foreign("it does not begin with a slice's brief") }
        var words = WordReader(brief)
        do throws(PlumblineError) {
            try passWords(&words)
        } catch {
            throw Self.foreign("its brief: \(error.message)")
        }
        guard words.rest.isEmpty else {
            throw Self.foreign("its brief has more than \(words.count) words")
        }
        if strings.next()?.elementsEqual("cell".utf8) == true, let name = strings.next(),
            !name.contains(UInt8(ascii: "\\")),
            strings.next()?.elementsEqual("crc32c".utf8) == true
        {
            cell = String(decoding: name, as: UTF8.self)
        } else {
            let line = try LineCodec.decode(Line.self, from: line)
            (cell, void) = (line.cell, line.void)
        }
    }

    private static func foreign(_ message: String) -> PlumblineError {
        .failure(message, remedy: "use the version of plumbline that wrote it")
    }
}
