// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import Protocol

/// Some lines of a journal, read by one thread.
struct JournalPart: Sendable {
    /// The slices.
    private(set) var slices: [SliceSummary] = []
    /// The same in few bytes.
    private(set) var packed = PackedSlices()
    /// For each slice the number of its line in this part, from 1.
    private(set) var sliceLines: [Int] = []
    /// Other events, each with the number of slices before it.
    private(set) var events: [(place: Int, event: JournalEvent)] = []
    /// Whole lines, and the bytes they have.
    private(set) var lines = 0
    private(set) var length = 0
    /// Bytes after the last newline.
    private(set) var unfinished = 0
    /// What is wrong with the line after them; nothing behind it was read.
    private(set) var error: PlumblineError?

    private static let bufferSize = 256 << 10

    private var cells: CellNames

    /// Reads the lines that lie between two places, or up to the file's end.
    init(_ file: borrowing Descriptor, _ bounds: Range<Int>, of cells: CellNames) {
        self.cells = cells
        do throws(PlumblineError) {
            try read(file, bounds)
        } catch {
            self.error = error
        }
        packed = PackedSlices(slices)
    }

    private mutating func read(
        _ file: borrowing Descriptor, _ bounds: Range<Int>
    ) throws(PlumblineError) {
        var buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Self.bufferSize, alignment: 16)
        defer { buffer.deallocate() }
        do {
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
        let kind = try JournalLine.check(line)
        if kind.equals("slice") {
            slices.append(try SliceSummary(line, of: &cells))
            sliceLines.append(lines + 1)
        } else if kind.equals("detail") {
            guard sliceLines.last == lines else { throw .failure("a detail without its slice") }
            slices[slices.count - 1].detail = place..<place + line.count
        } else if !kind.equals("visit") {
            let kind = String(decoding: kind, as: UTF8.self)
            events.append((slices.count, try JournalEvent(kind, in: line)))
        }
    }
}
