// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import Protocol
import SystemPackage

/// Some lines of a journal, read by one thread.
struct DigestPart: Sendable {
    /// A line that is damaged, or too long.
    struct Damaged: Error {}

    private(set) var slices: [SliceSummary] = []
    private(set) var latencies: [JournalDigest.Source: LatencySum] = [:]
    /// Other events, each with the number of slices before it.
    private(set) var events: [(place: Int, event: JournalEvent)] = []
    private(set) var lines = 0
    /// Bytes after the last newline.
    private(set) var unfinished = 0

    private let cells: [String: Int]
    private let counted: CountedSlices
    private let stride: Int

    /// Reads the lines that lie between two places, or up to the file's end.
    ///
    /// - Parameter stride: of so many blocks, one's distributions are added up.
    /// - Throws: `Damaged`, or what the kernel said.
    init(
        _ path: String, _ bounds: Range<Int>, _ header: JournalHeader, counted: CountedSlices,
        stride: Int
    ) throws {
        self.stride = stride
        cells = JournalDigest.places(header)
        self.counted = counted
        let file = try Descriptor.open(path)
        var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var held = 0
        var at = bounds.lowerBound
        while at < bounds.upperBound {
            let room = min(buffer.count - held, bounds.upperBound - at)
            let count = try file.read(
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[held..<held + room]), at: at)
            if count == 0 { break }
            at += count
            held += count
            let used = try take(UnsafeRawBufferPointer(rebasing: buffer[..<held]))
            held -= used
            memmove(buffer.baseAddress!, buffer.baseAddress! + used, held)
            if held == buffer.count { try Self.grow(&buffer) }
        }
        unfinished = held
    }

    private static func grow(_ buffer: inout UnsafeMutableRawBufferPointer) throws(Damaged) {
        guard buffer.count <= LineCodec.lengthLimit else { throw Damaged() }
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: 2 * buffer.count, alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
        buffer.deallocate()
        buffer = larger
    }

    /// Reads the whole lines among these bytes.
    ///
    /// - Returns: how many bytes they have.
    private mutating func take(_ bytes: UnsafeRawBufferPointer) throws(Damaged) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var start = 0
        while let newline = memchr(base + start, 0x0a, bytes.count - start) {
            let end = UnsafeRawPointer(newline) - base
            try take(line: UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            lines += 1
            start = end + 1
        }
        return start
    }

    private mutating func take(line: UnsafeRawBufferPointer) throws(Damaged) {
        guard JournalLine.isWhole(line) else { throw Damaged() }
        do {
            guard let scan = try SliceScan(line, cells: cells) else {
                events.append((slices.count, try Self.event(line)))
                return
            }
            add(scan)
        } catch is LineScanner.Irregular {
            switch try Self.event(line) {
            case .slice(let record): try add(record)
            case let event: events.append((slices.count, event))
            }
        } catch {
            throw Damaged()
        }
    }

    private static func event(_ line: UnsafeRawBufferPointer) throws(Damaged) -> JournalEvent {
        do { return try JournalLine.decode(JournalEvent.self, from: Array(line)) } catch {
            throw Damaged()
        }
    }

    private mutating func add(_ scan: SliceScan) {
        let slice = scan.slice
        slices.append(slice)
        guard counted.contains(slice) else { return }
        let countsValues = (slice.block ?? slice.visit) % stride == 0
        for track in scan.tracks {
            let source = JournalDigest.Source(cell: slice.cell, arm: slice.arm, track: track.name)
            latencies[source, default: .init()].add(track.latency, countsValues: countsValues)
        }
    }

    private mutating func add(_ record: SliceRecord) throws(Damaged) {
        guard let cell = cells[record.cell] else { throw Damaged() }
        let slice = SliceSummary(record, cell: cell)
        slices.append(slice)
        guard counted.contains(slice) else { return }
        for (name, track) in record.tracks {
            guard let latency = track.latency else { continue }
            let source = JournalDigest.Source(cell: cell, arm: slice.arm, track: name)
            latencies[source, default: .init()].add(latency)
        }
    }
}
