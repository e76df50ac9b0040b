// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage
import Workloads

/// Writers in processes of their own, and one reader here that proves what comes out of the pipe.
struct PipeTraffic {
    let writers: Int
    /// Bytes of a write.
    let messageSize: Int
    /// Writes of each writer, at least.
    let messages: Int
    /// Sizes that one more process gives the pipe in turn, bytes; empty for a size that stays. The
    /// writers go on then until the size has changed often enough.
    var sizes: [Int] = []
    let seed: UInt64

    /// What the reader saw.
    struct Result: Equatable {
        /// Bytes that are those that were written.
        var checked: UInt64 = 0
        /// How often the pipe became larger, and smaller, while it was written to.
        var (growths, shrinks) = (0, 0)
        /// What is wrong.
        var faults: [String] = []
    }

    private static let readSize = 64 << 10
    /// How long the pipe may be empty before the kernel counts as hung, milliseconds.
    private static let patience: Int32 = 8_000
    /// How long the size may take to change often enough, nanoseconds.
    private static let resizeLimit: UInt64 = 8_000_000_000
    /// How often it has to become larger, and smaller.
    private static let changes: UInt32 = 4

    /// Runs the traffic to its end.
    ///
    /// - Throws: `failure` for what cannot be set up; `interrupted`.
    func run(_ host: ProbeHost) throws(PlumblineError) -> Result {
        let pipe = try host.setUp("cannot make a pipe") { () throws(Errno) in try Pipe() }
        if let largest = sizes.max() {
            _ = try host.setUp("cannot give a pipe \(largest) bytes") { () throws(Errno) in
                try pipe.setSize(largest)
            }
        }
        let words = try host.setUp("cannot map memory") { () throws(Errno) in
            try TrafficWords()
        }
        let pattern = StreamPattern(seed: seed)
        var children = ProbeChildren()
        for writer in 0..<writers {
            try children.start(host) {
                write(writer, pattern, to: pipe.writer.rawValue, words: words)
            }
        }
        if !sizes.isEmpty {
            let (input, output) = (pipe.reader.rawValue, pipe.writer.rawValue)
            try children.start(host) {
                // It writes nothing: the stream ends without it.
                _ = Descriptor(owning: output)
                return resize(input, words)
            }
        }
        let reader = pipe.takeReader()
        var result = try read(reader.rawValue, pattern, words: words, on: host)
        words.stop.store(1)
        guard let exits = try children.allEnd(host) else {
            result.faults.append("a process of the traffic never ended")
            return result
        }
        for exit in exits where exit != .exited(0) { result.faults.append("a process \(exit)") }
        return result
    }

    /// One writer's life.
    ///
    /// - Returns: 0, or 1 when a write failed.
    private func write(
        _ writer: Int, _ pattern: StreamPattern, to pipe: CInt, words: borrowing TrafficWords
    ) -> Int32 {
        guard let memory = try? MappedMemory(bytes: messageSize) else { return 1 }
        let message = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<messageSize])
        var (position, sent): (UInt64, Int) = (0, 0)
        while sent < messages || !sizes.isEmpty && words.stop.load() == 0 {
            pattern.fill(message, writer: writer, position: position)
            guard RawCall.write(pipe, from: message.baseAddress, count: messageSize) == messageSize
            else { return 1 }
            position += UInt64(messageSize)
            sent += 1
            words.sent(by: writer).store(UInt32(sent))
        }
        return 0
    }

    /// The life of the process that changes the size, until it is to stop.
    ///
    /// - Returns: 0, or the error that is not EBUSY: what is in the pipe does not fit.
    private func resize(_ pipe: CInt, _ words: borrowing TrafficWords) -> Int32 {
        var turn = 0
        while words.stop.load() == 0 {
            let before = RawCall.pipeSize(pipe)
            let after = RawCall.setPipeSize(pipe, sizes[turn % sizes.count])
            if after < 0, after != -Int(Errno.resourceBusy.rawValue) { return Int32(-after) }
            if after > before { words.growths.add(1) }
            if after > 0, after < before { words.shrinks.add(1) }
            turn += 1
            try? Clock.sleep(nanoseconds: 20_000)
        }
        return 0
    }

    private func read(
        _ pipe: CInt, _ pattern: StreamPattern, words: borrowing TrafficWords,
        on host: ProbeHost
    ) throws(PlumblineError) -> Result {
        let memory = try host.setUp("cannot map memory") { () throws(Errno) in
            try MappedMemory(bytes: StreamVerifier.headroom + Self.readSize)
        }
        let start = memory.bytes.baseAddress.unsafelyUnwrapped + StreamVerifier.headroom
        var verifier = StreamVerifier(
            pattern: pattern, writers: 0..<writers, messageSize: messageSize, isOnlyReader: true,
            isPacket: false)
        let limit = Clock.monotonicNanoseconds() + Self.resizeLimit
        var result = Result()
        while true {
            try host.check()
            let events = RawCall.poll(pipe, .input, milliseconds: Self.patience)
            if events == 0 {
                result.faults.append("the pipe stayed empty while its writers still had to write")
                break
            }
            let count = RawCall.read(pipe, into: start, count: Self.readSize)
            if count == -Int(Errno.interrupted.rawValue) { continue }
            if count < 0 { result.faults.append("read: \(Errno(rawValue: CInt(-count)))") }
            if count <= 0 { break }
            verifier.accept(start, count: count)
            if words.stop.load() == 0,
                words.haveChanged(Self.changes) || Clock.monotonicNanoseconds() > limit
            {
                (result.growths, result.shrinks) = words.changes
                words.stop.store(1)
            }
        }
        verifier.finish()
        result.judge(verifier.counts, wanted: words.allSent(writers) * UInt64(messageSize))
        if !sizes.isEmpty { result.judgeChanges() }
        return result
    }
}

extension PipeTraffic.Result {
    /// Notes what is wrong with the bytes that came out.
    ///
    /// - Parameter wanted: the bytes that were written.
    mutating func judge(_ counts: VerificationCounts, wanted: UInt64) {
        checked = counts.proven
        if counts.corruptions > 0 {
            faults.append(
                "\(counts.corruptions) places are wrong, the first at byte "
                    + "\(counts.firstCorruptionOffset) of a writer's stream")
        }
        if counts.read != wanted {
            faults.append("\(counts.read) bytes came out, and \(wanted) were written")
        }
        if counts.proven != counts.read, counts.corruptions == 0 {
            faults.append("\(counts.read - min(counts.read, counts.proven)) bytes are nobody's")
        }
    }

    /// Notes a size that did not change in both directions.
    mutating func judgeChanges() {
        for (count, words) in [(growths, "larger"), (shrinks, "smaller")] where count == 0 {
            faults.append("F_SETPIPE_SZ never made the pipe \(words)")
        }
    }
}

/// What the processes of a traffic tell each other.
private struct TrafficWords: ~Copyable {
    private let memory: MappedMemory

    init() throws(Errno) {
        memory = try MappedMemory(bytes: MappedMemory.pageSize, shared: true)
        memory.clear()
    }

    /// 1 when the writers and the process that changes the size are to end.
    var stop: SharedWord { SharedWord(in: memory.bytes, at: 0) }
    /// How often the pipe became larger.
    var growths: SharedWord { SharedWord(in: memory.bytes, at: 64) }
    /// How often it became smaller.
    var shrinks: SharedWord { SharedWord(in: memory.bytes, at: 128) }
    /// How many messages a writer wrote.
    func sent(by writer: Int) -> SharedWord {
        SharedWord(in: memory.bytes, at: 192 + 64 * writer)
    }

    /// Whether the size changed so often in each direction.
    func haveChanged(_ times: UInt32) -> Bool {
        growths.load() >= times && shrinks.load() >= times
    }

    /// How often it changed.
    var changes: (growths: Int, shrinks: Int) { (Int(growths.load()), Int(shrinks.load())) }

    /// How many messages all wrote.
    func allSent(_ writers: Int) -> UInt64 {
        (0..<writers).reduce(0) { $0 + UInt64(sent(by: $1).load()) }
    }
}

extension ProbeFindings {
    /// Adds what became of a stream.
    mutating func add(_ found: PipeTraffic.Result, _ words: String) {
        count("\(words): checked", Double(found.checked), unit: "bytes")
        faults += found.faults.map { "\(words): \($0)" }
    }
}
