// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

extension SliceSummary {
    /// The members of its line, in their order.
    ///
    /// Its numbers are words of one string, which stands first: so a reader of a long journal needs
    /// no JSON decoder for the line of a slice that counts.
    struct Line: Codable {
        /// See `Words`.
        var brief: String
        /// The cell's name.
        var cell: String
        /// Why the slice is void, each with a detail in words; absent when it counts.
        var void: [String: String]?
    }

    /// What its line holds.
    var line: Line {
        var (words, writer) = (self.words, WordWriter())
        words.pass(&writer)
        return Line(brief: writer.text, cell: cell, void: void)
    }

    /// Reads a line.
    ///
    /// - Throws: `failure` saying what is wrong with the line.
    init(_ line: UnsafeRawBufferPointer, of cells: inout CellNames) throws(PlumblineError) {
        self.init()
        guard var strings = LineStrings(line, after: #"{"kind":"slice","brief":"#),
            let brief = strings.next()
        else { throw Self.foreign("it does not begin with a slice's brief") }
        var reader = WordReader(brief)
        do throws(PlumblineError) {
            try words.pass(&reader)
        } catch {
            throw Self.foreign("its brief: \(error.message)")
        }
        guard reader.rest.isEmpty else {
            throw Self.foreign("its brief has more than \(reader.count) words")
        }
        if strings.next()?.equals("cell") == true, let name = strings.next(),
            !name.has(UInt8(ascii: "\\")), strings.next()?.equals("crc32c") == true
        {
            guard let place = cells.place(of: name) else {
                throw Self.unknown(String(decoding: name, as: UTF8.self))
            }
            self.place = place
        } else {
            let line = try LineCodec.decode(Line.self, from: line)
            guard let place = cells.place(of: line.cell) else { throw Self.unknown(line.cell) }
            (self.place, void) = (place, line.void)
        }
        // One string for all slices of a cell.
        cell = cells.all[place]
    }

    private static func unknown(_ cell: String) -> PlumblineError {
        .failure("its cell '\(cell)' is not in the header")
    }

    private static func foreign(_ message: String) -> PlumblineError {
        .failure(message, remedy: "use the version of plumbline that wrote it")
    }
}
