// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Protocol
import SystemPackage
import Workloads

/// What direct reads and writes of a file answer, and whether the bytes are right: with system
/// calls and io_uring, of one block and of many, one at a time and several, at the file's end and past
/// it, misaligned.
enum DirectData: Probe {
    static let name = "dio-data"

    private static let block = 4096
    private static let blocks = 64
    /// Blocks of a write, and reads in flight at the same time.
    private static let batch = 16
    /// The file ends in the middle of a block.
    private static let size = blocks * block + 512

    static func run(
        on host: ProbeHost, into findings: inout ProbeFindings
    ) throws(PlumblineError) {
        try host.setUp("cannot use io_uring") { () throws(Errno) in
            _ = try Ring.create(entries: 1)
        }
        let pattern = StreamPattern(seed: host.seed)
        try host.eachCompletion { (directory, words) throws(PlumblineError) in
            let path = "\(directory)/plumbline-probe-data"
            defer { try? SystemFile.unlink(path) }
            let file = try host.setUp("cannot open \(path) for direct I/O") { () throws(Errno) in
                try DirectFile(path, [.readWrite, .create, .truncate])
            }
            try attempting("\(words): direct I/O failed") { () throws(Errno) in
                var check = Check(
                    words: words, pattern: pattern, memory: try MappedMemory(bytes: batch * block))
                try check.write(file)
                try check.writeEnd(path)
                try check.read(file)
                try check.readBatch(file)
                try check.readBuffered(path)
                check.readMisaligned(file)
                findings.add(check)
            }
        }
    }

    /// The check of one file, and what it found.
    fileprivate struct Check: ~Copyable {
        let words: String
        let pattern: StreamPattern
        let memory: MappedMemory
        var findings = ProbeFindings()
        var (reads, writes): ([Way: Int], [Way: Int]) = ([:], [:])

        init(words: String, pattern: StreamPattern, memory: consuming MappedMemory) {
            self.words = words
            self.pattern = pattern
            self.memory = memory
        }

        /// Writes all whole blocks, some in each way.
        mutating func write(_ file: borrowing DirectFile) throws(Errno) {
            for (turn, place) in stride(from: 0, to: blocks, by: batch).enumerated() {
                pattern.fill(memory.bytes, writer: 0, position: UInt64(place * block))
                var way = Way.allCases[turn % Way.allCases.count]
                var sent = try way.move(.write, file, part: memory.bytes, at: place * block)
                if sent == nil {
                    way = .synchronous
                    sent = try way.move(.write, file, part: memory.bytes, at: place * block)
                }
                writes[way, default: 0] += 1
                findings.require(
                    sent == memory.bytes.count,
                    "\(words): a write of \(memory.bytes.count) bytes by \(way.rawValue) answered "
                        + "\(sent ?? 0)")
            }
        }

        /// Writes the odd end, which direct I/O cannot.
        func writeEnd(_ path: String) throws(Errno) {
            let end = try Descriptor.open(path, [.write, .append])
            let tail = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<(size % block)])
            pattern.fill(tail, writer: 0, position: UInt64(blocks * block))
            try end.writeAll(UnsafeRawBufferPointer(tail))
            try end.sync()
        }

        /// Reads in each way: whole blocks, across the end, and behind it.
        mutating func read(_ file: borrowing DirectFile) throws(Errno) {
            for (offset, count) in [
                (0, block), (3 * block, 8 * block), (63 * block, block), (63 * block, 4 * block),
                (64 * block, block), (65 * block, block),
            ] {
                for way in Way.allCases {
                    memory.clear()
                    let part = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<count])
                    guard let got = try way.move(.read, file, part: part, at: offset) else {
                        continue
                    }
                    reads[way, default: 0] += 1
                    findings.requireRead(
                        got, right: right(part, at: offset),
                        must: max(0, min(count, size - offset)),
                        "\(words): a read of \(count) bytes at \(offset) of \(size) by \(way.rawValue)"
                    )
                }
            }
        }

        /// Reads blocks that are in flight at the same time, from the last one to the first one.
        mutating func readBatch(_ file: borrowing DirectFile) throws(Errno) {
            memory.clear()
            let ring = try Ring.create(entries: UInt32(batch))
            for slot in (0..<batch).reversed() {
                let part = UnsafeMutableRawBufferPointer(
                    rebasing: memory.bytes[slot * block..<(slot + 1) * block])
                try ring.queue(
                    .read(
                        .descriptor(file.descriptor.rawValue), into: part, at: slot * block,
                        userData: UInt64(slot)))
            }
            while ring.ready < batch { try ring.submitAndWait(batch - ring.ready) }
            for index in 0..<batch where ring.completion(index).result != Int32(block) {
                findings.faults.append(
                    "\(words): one of \(batch) reads in flight answered "
                        + "\(ring.completion(index).result)")
            }
            ring.advance(batch)
            reads[.ring, default: 0] += batch
            findings.requireRead(
                batch * block, right: right(memory.bytes, at: 0), must: batch * block,
                "\(words): \(batch) reads in flight")
        }

        /// Reads what direct I/O wrote through the page cache.
        mutating func readBuffered(_ path: String) throws(Errno) {
            let file = try Descriptor.open(path)
            for place in stride(from: 0, to: blocks, by: batch) {
                memory.clear()
                let got = try file.read(into: memory.bytes, at: place * block)
                findings.requireRead(
                    got, right: right(memory.bytes, at: place * block), must: batch * block,
                    "\(words): a read at \(place * block) through the page cache")
            }
        }

        mutating func readMisaligned(_ file: borrowing DirectFile) {
            let answer = RawCall.read(
                file.descriptor.rawValue, into: memory.bytes.baseAddress, count: block, at: 100)
            findings.require(
                answer == -Int(Errno.invalidArgument.rawValue),
                "\(words): a misaligned read answered \(answer), and must fail with EINVAL")
        }

        private func right(_ part: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
            pattern.matchForward(UnsafeRawBufferPointer(part), writer: 0, position: UInt64(offset))
        }
    }
}

extension DirectData {
    /// Which way bytes go.
    fileprivate enum Direction { case read, write }

    /// A way to have them go.
    fileprivate enum Way: String, CaseIterable {
        case synchronous = "system calls"
        case ring = "io_uring"
        case polled = "polled io_uring"

        /// - Returns: the bytes, or a negative errno; nil for a device without a queue to poll.
        func move(
            _ direction: Direction, _ file: borrowing DirectFile,
            part: UnsafeMutableRawBufferPointer, at offset: Int
        ) throws(Errno) -> Int? {
            self == .synchronous
                ? Self.call(direction, file.descriptor, part: part, at: offset)
                : try submit(direction, file.descriptor.rawValue, part: part, at: offset)
        }

        private static func call(
            _ direction: Direction, _ file: borrowing Descriptor,
            part: UnsafeMutableRawBufferPointer, at offset: Int
        ) -> Int {
            do throws(Errno) {
                return switch direction {
                case .read: try file.read(into: part, at: offset)
                case .write: try file.write(UnsafeRawBufferPointer(part), at: offset)
                }
            } catch { return -Int(error.rawValue) }
        }

        private func submit(
            _ direction: Direction, _ file: CInt, part: UnsafeMutableRawBufferPointer,
            at offset: Int
        ) throws(Errno) -> Int? {
            let ring = try Ring.create(
                entries: 1, wanted: self == .polled ? [.ioPoll] : Ring.Flags.preferred)
            try ring.queue(
                direction == .read
                    ? .read(.descriptor(file), into: part, at: offset)
                    : .write(.descriptor(file), from: UnsafeRawBufferPointer(part), at: offset))
            while ring.ready == 0 { try ring.submitAndWait(1) }
            let result = Int(ring.completion(0).result)
            ring.advance(1)
            if self == .polled, result == -Int(Errno.notSupportedOnSocket.rawValue) { return nil }
            return result
        }
    }
}

extension ProbeFindings {
    /// Adds what the check of a file found.
    fileprivate mutating func add(_ check: borrowing DirectData.Check) {
        faults += check.findings.faults
        for way in DirectData.Way.allCases {
            count(
                "\(check.words): reads by \(way.rawValue)", Double(check.reads[way] ?? 0),
                unit: "reads")
            count(
                "\(check.words): writes by \(way.rawValue)", Double(check.writes[way] ?? 0),
                unit: "writes")
        }
    }

    /// Requires that a read answered what it must, and gave so many right bytes from its start on.
    mutating func requireRead(_ answer: Int, right: Int, must: Int, _ words: String) {
        require(answer == must, "\(words) answered \(answer), and must \(must)")
        require(right >= min(answer, must), "\(words) gave a wrong byte at \(right)")
    }
}
