// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import Protocol

/// Some lines of a journal, read by one thread.
struct JournalPart: Sendable {
    /// The slices, each with the number of its line in this part.
    private(set) var slices: [(slice: SliceSummary, line: Int)] = []
    /// Other events, each with the number of slices before it.
    private(set) var events: [(place: Int, event: JournalEvent)] = []
    /// Whole lines, and the bytes they have.
    private(set) var lines = 0
    private(set) var length = 0
    /// Bytes after the last newline.
    private(set) var unfinished = 0
    /// What is wrong with the line after them; nothing behind it was read.
    private(set) var error: PlumblineError?

    private let names: [String]
    private let places: [String: Int]

    /// Reads the lines that lie between two places, or up to the file's end.
    init(_ path: String, _ bounds: Range<Int>, of journal: StoredJournal) {
        names = journal.header.suite.cells.map(\.name)
        places = journal.places
        do throws(PlumblineError) {
            try read(path, bounds)
        } catch {
            self.error = error
        }
    }

    private mutating func read(_ path: String, _ bounds: Range<Int>) throws(PlumblineError) {
        var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        do {
            let file = try Descriptor.open(path)
            while let base = buffer.baseAddress {
                let at = bounds.lowerBound + length
                let room = min(buffer.count - unfinished, bounds.upperBound - at - unfinished)
                let count = try file.read(
                    into: UnsafeMutableRawBufferPointer(start: base + unfinished, count: room),
                    at: at + unfinished)
                if count == 0 { return }
                let held = unfinished + count
                try take(UnsafeRawBufferPointer(rebasing: buffer[..<held]), at: at)
                let used = bounds.lowerBound + length - at
                unfinished = held - used
                memmove(base, base + used, unfinished)
                if unfinished == buffer.count { try Self.grow(&buffer) }
            }
        } catch let error as PlumblineError {
            throw error
        } catch {
            throw .failure("it cannot be read: \(error)")
        }
    }

    private static func grow(_ buffer: inout UnsafeMutableRawBufferPointer) throws(PlumblineError) {
        guard buffer.count <= LineCodec.lengthLimit else {
            throw .failure("it is longer than any line of a journal")
        }
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: 2 * buffer.count, alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
        buffer.deallocate()
        buffer = larger
    }

    /// Reads the whole lines among the bytes that are at this place of the file.
    private mutating func take(
        _ bytes: UnsafeRawBufferPointer, at place: Int
    ) throws(PlumblineError) {
        guard let base = bytes.baseAddress else { return }
        var start = 0
        while let newline = memchr(base + start, 0x0a, bytes.count - start) {
            let end = UnsafeRawPointer(newline) - base
            try take(
                line: UnsafeRawBufferPointer(rebasing: bytes[start..<end]), at: place + start)
            lines += 1
            length += end + 1 - start
            start = end + 1
        }
    }

    private mutating func take(
        line: UnsafeRawBufferPointer, at place: Int
    ) throws(PlumblineError) {
        switch try JournalLine.check(line) {
        case "slice":
            var slice = try SliceSummary(line)
            guard let place = places[slice.cell] else {
                throw .failure("its cell '\(slice.cell)' is not in the header")
            }
            slice.place = place
            // One string for all slices of a cell.
            slice.cell = names[place]
            slices.append((slice, lines + 1))
        case "detail":
            guard let last = slices.indices.last, slices[last].line == lines else {
                throw .failure("a detail without its slice")
            }
            slices[last].slice.detail = place..<place + line.count
        case "visit": break
        case let kind: events.append((slices.count, try JournalEvent(kind, in: line)))
        }
    }
}
