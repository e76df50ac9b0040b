// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol
import Synchronization
import SystemPackage

/// Reads a journal's file for its digest, in parts of whole lines side by side.
struct DigestReader {
    /// Bytes that are worth a thread.
    private static let leastPart = 32 << 20

    /// Bytes whose distributions are all added up; of a larger file's blocks an even share is,
    /// since the sum of some thousand distributions is no better for ten thousand more.
    static let wholeSize = 256 << 20

    private let path: String
    private let header: JournalHeader
    private let starts: [Int]
    private let stride: Int

    /// Looks at the header and cuts the file into parts.
    ///
    /// - Parameter wholeSize: up to how many bytes all distributions are added up.
    /// - Returns: `nil` when the file is anything but a sound journal.
    init?(_ path: String, wholeSize: Int = Self.wholeSize) throws(PlumblineError) {
        self.path = path
        do {
            let file = try Descriptor.open(path)
            let size = try file.facts().size
            guard let end = try Self.lineEnd(file, from: 0, limit: LineCodec.lengthLimit),
                let header = try? JournalLine.decode(
                    JournalHeader.self, from: try Self.bytes(file, 0..<end)),
                header.schema == JournalHeader.schemaName
            else { return nil }
            self.header = header
            let cpus = (try? CPUSet.allowed().count) ?? 1
            let parts = max(1, min(cpus, size / Self.leastPart))
            stride = (size + wholeSize - 1) / wholeSize
            var starts = [end + 1]
            for part in 1..<max(parts, 2) where part < parts {
                let middle = size / parts * part
                guard let end = try Self.lineEnd(file, from: middle, limit: LineCodec.lengthLimit)
                else { break }
                if end + 1 > starts[starts.count - 1] { starts.append(end + 1) }
            }
            self.starts = starts + [.max]
        } catch {
            return nil
        }
    }

    /// The digest; `nil` when a line is damaged.
    func read() -> JournalDigest? {
        guard let digest = read(CountedSlices(header)) else { return nil }
        // The distributions leave warm-ups and void rounds out, and what says that a warm-up was
        // extended or a round is void stands behind its slices.
        if digest.firstBlocks.isEmpty, digest.voidRounds.isEmpty { return digest }
        return read(CountedSlices(header, digest.firstBlocks, digest.voidRounds))
    }

    private func read(_ counted: CountedSlices) -> JournalDigest? {
        let results = Mutex([DigestPart?](repeating: nil, count: starts.count - 1))
        func run(_ part: Int) {
            let bounds = starts[part]..<starts[part + 1]
            let result = try? DigestPart(path, bounds, header, counted: counted, stride: stride)
            results.withLock { $0[part] = result }
        }
        withoutActuallyEscaping(run) { run in
            nonisolated(unsafe) let run = run
            let threads = (1..<max(starts.count - 1, 1)).map { part in
                (part, try? WorkerThread.start { run(part) })
            }
            run(0)
            for (part, thread) in threads {
                if let thread { thread.join() } else { run(part) }
            }
        }
        return join(results.withLock { $0 })
    }

    private func join(_ parts: [DigestPart?]) -> JournalDigest? {
        var digest = JournalDigest(header: header)
        var lines = 1
        digest.slices.reserveCapacity(parts.reduce(0) { $0 + ($1?.slices.count ?? 0) })
        for part in parts {
            guard let part else { return nil }
            var done = 0
            for (place, event) in part.events {
                for slice in part.slices[done..<place] { digest.add(slice) }
                done = place
                digest.add(event)
            }
            for slice in part.slices[done...] { digest.add(slice) }
            for (source, sum) in part.latencies {
                digest.latencies[source, default: .init()].add(sum)
            }
            lines += part.lines
            if part.unfinished > 0 {
                digest.warnings.append(
                    JournalReader.tornWarning(path, line: lines + 1, bytes: part.unfinished))
            }
        }
        if stride > 1 {
            digest.warnings.append(
                "\(path) is large: latency percentiles come from one block in \(stride)")
        }
        return Self.areDistinct(digest.slices) ? digest : nil
    }

    /// Whether no slice stands there twice.
    private static func areDistinct(_ slices: [SliceSummary]) -> Bool {
        struct Visit: Hashable {
            var cell: Int
            var arm: Arm?
            var number: Int
        }
        var seen = Set<Visit>(minimumCapacity: slices.count)
        return slices.allSatisfy {
            seen.insert(Visit(cell: $0.cell, arm: $0.arm, number: $0.visit)).inserted
        }
    }

    private static func lineEnd(
        _ file: borrowing Descriptor, from start: Int, limit: Int
    ) throws(Errno) -> Int? {
        var at = start
        while at < start + limit {
            let bytes = try bytes(file, at..<at + 64 << 10)
            if bytes.isEmpty { return nil }
            if let newline = bytes.firstIndex(of: UInt8(ascii: "\n")) { return at + newline }
            at += bytes.count
        }
        return nil
    }

    private static func bytes(
        _ file: borrowing Descriptor, _ range: Range<Int>
    ) throws(Errno) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: range.count, alignment: 16)
        defer { buffer.deallocate() }
        var done = 0
        while done < range.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = try file.read(into: rest, at: range.lowerBound + done)
            if count == 0 { break }
            done += count
        }
        return Array(buffer[..<done])
    }
}
