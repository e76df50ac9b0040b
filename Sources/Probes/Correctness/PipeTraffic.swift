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
    /// Writes of each writer.
    let messages: Int
    let seed: UInt64

    /// What the reader saw.
    struct Result {
        /// Bytes that are those that were written.
        var checked: UInt64
        /// What is wrong with the others.
        var faults: [String]
    }

    private static let readSize = 64 << 10
    /// How long the pipe may be empty before the kernel counts as hung, milliseconds.
    private static let patience: Int32 = 8_000

    /// Runs the traffic to its end.
    ///
    /// - Parameter other: what one more process does with the pipe meanwhile; 0 for success.
    /// - Throws: `failure` for what cannot be set up; `interrupted`.
    func run(
        _ host: ProbeHost, beside other: ((borrowing Pipe) -> Int32)?
    ) throws(PlumblineError) -> Result {
        let pipe = try attempting("cannot make a pipe") { () throws(Errno) in try Pipe() }
        let pattern = StreamPattern(seed: seed)
        var children = ProbeChildren()
        for writer in 0..<writers {
            try children.start { write(writer, pattern, to: pipe.writer.rawValue) }
        }
        if let other { try children.start { other(pipe) } }
        let reader = pipe.takeReader()
        var result = try read(reader.rawValue, pattern, on: host)
        guard let exits = try children.allEnd(host) else {
            result.faults.append("a writer never ended")
            return result
        }
        for exit in exits where exit != .exited(0) { result.faults.append("a process \(exit)") }
        return result
    }

    /// One writer's life.
    ///
    /// - Returns: 0, or 1 when a write failed.
    private func write(_ writer: Int, _ pattern: StreamPattern, to pipe: CInt) -> Int32 {
        guard let memory = try? MappedMemory(bytes: messageSize) else { return 1 }
        let message = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<messageSize])
        var position: UInt64 = 0
        for _ in 0..<messages {
            pattern.fill(message, writer: writer, position: position)
            guard RawCall.write(pipe, from: message.baseAddress, count: messageSize) == messageSize
            else { return 1 }
            position += UInt64(messageSize)
        }
        return 0
    }

    private func read(
        _ pipe: CInt, _ pattern: StreamPattern, on host: ProbeHost
    ) throws(PlumblineError) -> Result {
        let memory = try attempting("cannot map memory") { () throws(Errno) in
            try MappedMemory(bytes: StreamVerifier.headroom + Self.readSize)
        }
        guard let start = memory.bytes.baseAddress?.advanced(by: StreamVerifier.headroom) else {
            throw .failure("cannot map memory")
        }
        var verifier = StreamVerifier(
            pattern: pattern, writers: 0..<writers, messageSize: messageSize, isOnlyReader: true,
            isPacket: false)
        var faults: [String] = []
        while true {
            try host.check()
            let events = RawCall.poll(pipe, .input, milliseconds: Self.patience)
            if events == 0 {
                faults.append("the pipe stayed empty while its writers still had to write")
                break
            }
            let count = RawCall.read(pipe, into: start, count: Self.readSize)
            if count == -Int(Errno.interrupted.rawValue) { continue }
            if count < 0 { faults.append("read: \(Errno(rawValue: CInt(-count)))") }
            if count <= 0 { break }
            verifier.accept(start, count: count)
        }
        verifier.finish()
        let (counts, wanted) = (verifier.counts, UInt64(writers * messages * messageSize))
        if counts.corruptions > 0 {
            faults.append(
                "\(counts.corruptions) places are wrong, the first at byte "
                    + "\(counts.firstCorruptionOffset) of a writer's stream")
        }
        if counts.read != wanted {
            faults.append("\(counts.read) bytes came out, and \(wanted) had to be written")
        }
        return Result(checked: counts.proven, faults: faults)
    }
}
