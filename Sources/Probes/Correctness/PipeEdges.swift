// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol
import SystemPackage
import Workloads

/// What a write answers in the cases at its edges: packets, memory that ends in its middle, a signal
/// while it waits, a reader that goes away while it waits.
enum PipeEdges: Probe {
    static let name = "pipe-edges"

    private static let page = MappedMemory.pageSize

    static func run(
        on host: ProbeHost, into findings: inout ProbeFindings
    ) throws(PlumblineError) {
        try attempting("a pipe failed") { () throws(Errno) in
            try packets(StreamPattern(seed: host.seed), &findings)
            try badMemory(&findings)
        }
        try waiting(
            "a writer that a signal interrupts", must: .interrupted,
            signal: ChildProcess.terminateSignal, into: &findings, on: host)
        try waiting(
            "a writer whose reader goes away", must: .brokenPipe, signal: nil, into: &findings,
            on: host)
    }

    /// In packet mode a read takes one packet, of which what it has no room for is lost; a longer
    /// write becomes several packets.
    private static func packets(
        _ pattern: StreamPattern, _ findings: inout ProbeFindings
    ) throws(Errno) {
        let pipe = try Pipe(.packet)
        let memory = try MappedMemory(bytes: 2 * page)
        for (number, count) in [1, 100, page, page + 904, 100, 100].enumerated() {
            pattern.fill(memory.bytes, writer: number, position: 0)
            let sent = RawCall.write(
                pipe.writer.rawValue, from: memory.bytes.baseAddress, count: count)
            findings.require(sent == count, "a packet of \(count) bytes: write answered \(sent)")
        }
        // Which write it is of, where it begins there, the room of the read, and what comes.
        let packets = [
            (0, 0, 2 * page, 1), (1, 0, 2 * page, 100), (2, 0, 2 * page, page),
            (3, 0, 2 * page, page), (3, page, 2 * page, 904), (4, 0, 10, 10), (5, 0, 2 * page, 100),
        ]
        for (number, start, room, must) in packets {
            memory.clear()
            let got = RawCall.read(
                pipe.reader.rawValue, into: memory.bytes.baseAddress, count: room)
            let right = pattern.matchForward(
                UnsafeRawBufferPointer(rebasing: memory.bytes[..<max(0, got)]), writer: number,
                position: UInt64(start))
            findings.require(
                got == must && right == must,
                "packet mode: a read with room for \(room) bytes answered \(got), of which \(right) "
                    + "are right, and must \(must)")
        }
        findings.count("packets", Double(packets.count), unit: "packets")
    }

    /// The pages before the bad one go into the pipe, and are intact.
    private static func badMemory(_ findings: inout ProbeFindings) throws(Errno) {
        let goods = [0, 1, 4, 9]
        for good in goods {
            let pipe = try Pipe()
            let memory = try MappedMemory(bytes: 12 * page)
            for index in memory.bytes.indices {
                memory.bytes[index] = UInt8(truncatingIfNeeded: index / 3)
            }
            try memory.forbid(from: good * page)
            let sent = RawCall.write(
                pipe.writer.rawValue, from: memory.bytes.baseAddress, count: 12 * page)
            let must = good == 0 ? -Int(Errno.badAddress.rawValue) : good * page
            findings.require(
                sent == must,
                "a write of 12 pages with \(good) good ones answered \(sent), and must \(must)")
            guard sent > 0 else { continue }
            let back = try MappedMemory(bytes: 12 * page)
            let got = RawCall.read(
                pipe.reader.rawValue, into: back.bytes.baseAddress, count: 12 * page)
            let isIntact = (0..<max(0, got)).allSatisfy {
                back.bytes[$0] == UInt8(truncatingIfNeeded: $0 / 3)
            }
            findings.require(
                got == sent && isIntact,
                "\(sent) bytes went in before bad memory, and \(got) came out, "
                    + (isIntact ? "intact" : "not the same"))
            findings.require(
                try pipe.readableBytes == 0, "bytes are left after a write from bad memory")
        }
        findings.count(
            "writes with bad memory in them", Double(goods.count), unit: "writes")
    }

    /// Two writers wait for room in a pipe with one free page: one of them puts a page in, and must
    /// say so.
    ///
    /// - Parameter signal: what they get; nil closes the end to read from.
    private static func waiting(
        _ words: String, must error: Errno, signal: Int32?, into findings: inout ProbeFindings,
        on host: ProbeHost
    ) throws(PlumblineError) {
        let message = try host.setUp("cannot map memory") { () throws(Errno) in
            try MappedMemory(bytes: 16 * page)
        }
        message.touch()
        let bytes = message.bytes
        let pipe = try host.setUp("cannot make a pipe of 64 KiB") { () throws(Errno) in
            let pipe = try Pipe()
            try pipe.setSize(16 * page)
            _ = try pipe.writer.write(UnsafeRawBufferPointer(rebasing: bytes[..<(15 * page)]))
            return pipe
        }
        var children = ProbeChildren()
        let (reader, writer) = (pipe.reader.rawValue, pipe.writer.rawValue)
        for _ in 0..<2 {
            try children.start(host) {
                try? Interrupts.catch()
                // The parent's end to read from is the only one.
                _ = Descriptor(owning: reader)
                let sent = RawCall.write(writer, from: bytes.baseAddress, count: bytes.count)
                if sent == page { return 1 }
                return sent == -Int(error.rawValue) ? 0 : 99
            }
        }
        guard try children.allSleep(host) else {
            findings.faults.append("\(words): it does not wait")
            return
        }
        var left = 16 * page
        if let signal {
            children.signal(signal)
            findings.require(
                try endAsTheyMust(&children, host), "\(words): the writers did not end as they must"
            )
            left = RawCall.readableBytes(reader)
        } else {
            _ = pipe.takeWriter()
            findings.require(
                try endAsTheyMust(&children, host), "\(words): the writers did not end as they must"
            )
        }
        findings.require(
            left == 16 * page, "\(words): the pipe holds \(left) bytes, and must \(16 * page)")
        findings.count(words, 2, unit: "writers")
    }

    /// Whether one writer tells of a page and the other one of the error.
    private static func endAsTheyMust(
        _ children: inout ProbeChildren, _ host: ProbeHost
    ) throws(PlumblineError) -> Bool {
        guard let exits = try children.allEnd(host) else { return false }
        return Set(exits) == [.exited(0), .exited(1)]
    }
}
