// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol
import SystemPackage

/// Readers and writers of a small pipe sleep and wake each other, and none may sleep for ever.
enum PipeWakeups: Probe {
    static let name = "pipe-wakeups"

    /// Bytes that each writer writes, in messages longer and shorter than the pipe.
    private static let bytes = 1 << 20
    private static let sizes = [100, 4096, 10_000, 65_536]

    static func run(
        on host: ProbeHost, into findings: inout ProbeFindings
    ) throws(PlumblineError) {
        for (readers, writers) in [(1, 1), (1, 3), (3, 1), (2, 2)] {
            let words =
                "\(writers) writer\(writers == 1 ? "" : "s"), "
                + "\(readers) reader\(readers == 1 ? "" : "s")"
            let fault = try traffic(readers: readers, writers: writers, host)
            findings.count(words, Double(writers * bytes), unit: "bytes")
            if let fault { findings.faults.append("\(words): \(fault)") }
        }
        for wait in Wait.allCases {
            try host.check()
            let words = "\(sleepers) that wait in \(wait.rawValue)"
            let fault = try wake(wait, host)
            findings.count(words, Double(sleepers), unit: "processes")
            if let fault { findings.faults.append("\(words): \(fault)") }
        }
    }

    /// Processes that sleep on one pipe.
    private static let sleepers = 3

    /// What they sleep in.
    private enum Wait: String, CaseIterable {
        case write = "write(2)"
        case read = "read(2)"
        case end = "read(2) for the end"
        case room = "poll(2) for room"
        case bytes = "poll(2) for bytes"

        /// Whether they sleep on a full pipe.
        var isForRoom: Bool { self == .write || self == .room }
    }

    /// One call makes room, or brings bytes or the end, for all that sleep. A writer or reader that
    /// wakes has to wake the next one.
    private static func wake(_ wait: Wait, _ host: ProbeHost) throws(PlumblineError) -> String? {
        let full = try FullPipe.make(for: host)
        let (input, output) = (full.pipe.reader.rawValue, full.pipe.writer.rawValue)
        let (bytes, page) = (full.message.bytes, MappedMemory.pageSize)
        if !wait.isForRoom {
            _ = RawCall.read(input, into: bytes.baseAddress, count: bytes.count)
        }
        var children = ProbeChildren()
        for _ in 0..<sleepers {
            try children.start(host) {
                let isRight =
                    switch wait {
                    case .write:
                        RawCall.write(output, from: bytes.baseAddress, count: page) == page
                    case .read: RawCall.read(input, into: bytes.baseAddress, count: page) == page
                    case .end: isAtEnd(input, closing: output, into: bytes)
                    case .room: RawCall.poll(output, .output, milliseconds: -1) > 0
                    case .bytes: RawCall.poll(input, .input, milliseconds: -1) > 0
                    }
                return isRight ? 0 : 1
            }
        }
        guard try children.allSleep(host) else { return "they do not sleep" }
        if wait == .end {
            _ = full.pipe.takeReader()
        } else {
            let moved =
                wait.isForRoom
                ? RawCall.read(input, into: bytes.baseAddress, count: bytes.count)
                : RawCall.write(output, from: bytes.baseAddress, count: sleepers * page)
            guard moved > 0 else { return "the call that has to wake them answered \(moved)" }
        }
        guard let exits = try children.allEnd(host) else { return "one sleeps for ever" }
        return exits.allSatisfy { $0 == .exited(0) } ? nil : "they ended with \(exits)"
    }

    /// Whether a read says that all writers are gone; the caller writes nothing.
    private static func isAtEnd(
        _ input: CInt, closing output: CInt, into bytes: UnsafeMutableRawBufferPointer
    ) -> Bool {
        _ = Descriptor(owning: output)
        return RawCall.read(input, into: bytes.baseAddress, count: bytes.count) == 0
    }

    private static func traffic(
        readers: Int, writers: Int, _ host: ProbeHost
    ) throws(PlumblineError) -> String? {
        let pipe = try host.setUp("cannot make a pipe of 8 KiB") { () throws(Errno) in
            let pipe = try Pipe()
            try pipe.setSize(2 * MappedMemory.pageSize)
            return pipe
        }
        var children = ProbeChildren()
        let (input, output) = (pipe.reader.rawValue, pipe.writer.rawValue)
        for index in 0..<readers {
            try children.start(host) {
                _ = Descriptor(owning: output)
                return readAll(input, sizes[index % sizes.count])
            }
        }
        for index in 0..<writers { try children.start(host) { writeAll(output, seed: index) } }
        _ = pipe.takeReader()
        guard let exits = try children.allEnd(host) else {
            return "a process sleeps for ever"
        }
        return exits.allSatisfy { $0 == .exited(0) } ? nil : "the processes ended with \(exits)"
    }

    private static func readAll(_ pipe: CInt, _ size: Int) -> Int32 {
        guard let memory = try? MappedMemory(bytes: size) else { return 1 }
        while true {
            let count = RawCall.read(pipe, into: memory.bytes.baseAddress, count: size)
            if count <= 0 { return count == 0 ? 0 : 2 }
        }
    }

    private static func writeAll(_ pipe: CInt, seed: Int) -> Int32 {
        guard let memory = try? MappedMemory(bytes: 1 << 16) else { return 1 }
        var (left, turn) = (bytes, seed)
        while left > 0 {
            let size = min(left, sizes[turn % sizes.count])
            guard RawCall.write(pipe, from: memory.bytes.baseAddress, count: size) == size else {
                return 2
            }
            left -= size
            turn += 1
        }
        return 0
    }
}
