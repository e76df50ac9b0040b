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

    static func run(on host: ProbeHost) throws(PlumblineError) -> ProbeFindings {
        var findings = ProbeFindings()
        for (readers, writers) in [(1, 1), (1, 3), (3, 1), (2, 2)] {
            let words = "\(writers) writers, \(readers) readers"
            let fault = try traffic(readers: readers, writers: writers, host)
            findings.count(words, Double(writers * bytes), unit: "bytes")
            if let fault { findings.faults.append("\(words): \(fault)") }
        }
        for isWriting in [true, false] {
            try host.check()
            let words = "\(sleepers) sleeping \(isWriting ? "writers" : "readers")"
            let fault = try wake(writers: isWriting, host)
            findings.count(words, Double(sleepers), unit: "processes")
            if let fault { findings.faults.append("\(words): \(fault)") }
        }
        return findings
    }

    /// Processes that sleep on one pipe.
    private static let sleepers = 3

    /// One call makes room, or brings bytes, for all that sleep: each that wakes has to wake the
    /// next.
    private static func wake(writers: Bool, _ host: ProbeHost) throws(PlumblineError) -> String? {
        let full = try attempting("cannot make a pipe") { () throws(Errno) in try FullPipe() }
        let (input, output) = (full.pipe.reader.rawValue, full.pipe.writer.rawValue)
        let (bytes, page) = (full.message.bytes, MappedMemory.pageSize)
        if !writers { _ = RawCall.read(input, into: bytes.baseAddress, count: bytes.count) }
        var children = ProbeChildren()
        for _ in 0..<sleepers {
            try children.start {
                let moved =
                    writers
                    ? RawCall.write(output, from: bytes.baseAddress, count: page)
                    : RawCall.read(input, into: bytes.baseAddress, count: page)
                return moved == page ? 0 : 1
            }
        }
        guard try children.allSleep(host) else { return "they did not sleep" }
        let moved =
            writers
            ? RawCall.read(input, into: bytes.baseAddress, count: bytes.count)
            : RawCall.write(output, from: bytes.baseAddress, count: sleepers * page)
        guard moved > 0 else { return "the call that has to wake them answered \(moved)" }
        guard let exits = try children.allEnd(host) else { return "one sleeps for ever" }
        return exits.allSatisfy { $0 == .exited(0) } ? nil : "they ended with \(exits)"
    }

    private static func traffic(
        readers: Int, writers: Int, _ host: ProbeHost
    ) throws(PlumblineError) -> String? {
        let pipe = try attempting("cannot make a pipe") { () throws(Errno) in
            let pipe = try Pipe()
            try pipe.setSize(2 * MappedMemory.pageSize)
            return pipe
        }
        var children = ProbeChildren()
        let (input, output) = (pipe.reader.rawValue, pipe.writer.rawValue)
        for index in 0..<readers {
            try children.start {
                _ = Descriptor(owning: output)
                return readAll(input, sizes[index % sizes.count])
            }
        }
        for index in 0..<writers { try children.start { writeAll(output, seed: index) } }
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
