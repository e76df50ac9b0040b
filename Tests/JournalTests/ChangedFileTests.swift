// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Testing

@testable import Journal
@testable import Protocol

/// What a journal's details are when its file is another one by the time they are read.
struct ChangedFileTests {
    private static func slices(_ first: UInt64) -> [SliceRecord] {
        (0..<8).map { number in
            var slice = Samples.slice(number: number)
            slice.operations = first + UInt64(number)
            slice.evidence.cpu = ["steal": Int64(first) + Int64(number)]
            return slice
        }
    }

    private static func bytes(_ first: UInt64, id: String = "x") throws -> [UInt8] {
        var header = Samples.header()
        header.id = id
        return try JournalLine.encode(header)
            + slices(first).flatMap { try JournalLine.encode(.slice($0)) }
    }

    /// Reads a journal, changes its file, and reads the details.
    private static func details(
        _ change: (String) throws -> Void
    ) throws -> Result<[SliceDetail], any Error> {
        let path = Samples.path("changed")
        defer { try? SystemFile.unlink(path) }
        try Samples.write(bytes(10), to: path)
        let journal = try StoredJournal(readingFrom: path)
        try change(path)
        return Result { try journal.details(of: journal.slices) }
    }

    private static func overwrite(_ path: String, with bytes: [UInt8]) throws {
        try Descriptor.open(path, [.write, .truncate]).writeAll(bytes)
    }

    @Test func aFileThatReplacesTheJournalIsNotRead() throws {
        let details = try Self.details { path in
            try SystemFile.unlink(path)
            try Samples.write(Self.bytes(20), to: path)
        }
        #expect(try details.get() == Self.slices(10).map(SliceDetail.init))
    }

    @Test func linesThatAreAppendedChangeNothing() throws {
        let details = try Self.details { path in
            try Descriptor.open(path, [.write, .append]).writeAll("{\"kind\":\"slice\"")
        }
        #expect(try details.get() == Self.slices(10).map(SliceDetail.init))
    }

    @Test func aJournalThatIsWrittenOverItIsToldApart() throws {
        // Of the same length, line by line: only its id is another one.
        for other in [try Self.bytes(10, id: "y"), [], Array(try Self.bytes(10).dropLast(300))] {
            let details = try Self.details { try Self.overwrite($0, with: other) }
            let error = #expect(throws: PlumblineError.self) { try details.get() }
            #expect(error?.message.contains("was changed while it was read") == true)
        }
    }

    @Test func aDetailThatIsChangedInPlaceIsToldApart() throws {
        var other = try Self.bytes(10)
        other[other.count - 300] ^= 1
        let details = try Self.details { try Self.overwrite($0, with: other) }
        let error = #expect(throws: PlumblineError.self) { try details.get() }
        #expect(error?.message.contains("was changed while it was read") == true)
    }
}
