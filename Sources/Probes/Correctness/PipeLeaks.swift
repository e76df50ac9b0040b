// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol
import SystemPackage

/// Each page that a pipe allocates is freed once the pipe is closed, whatever became of the writes:
/// kmemleak does not see a page that is lost.
enum PipeLeaks: Probe {
    static let name = "pipe-leaks"

    private static let page = MappedMemory.pageSize

    static func run(
        on host: ProbeHost, into findings: inout ProbeFindings
    ) throws(PlumblineError) {
        try host.tracing { (instance) throws(PlumblineError) in
            let trace = try PipeTrace(instance, host, andChildren: true)
            for (words, body) in [
                ("writes that are read", exchanges), ("a pipe that is closed full", full),
                ("writes from bad memory", badMemory), ("writers that are killed", killed),
                ("a reader that goes away", noReader), ("tee(2) and splice(2)", shared),
                ("F_SETPIPE_SZ", resized),
            ] as [(String, (ProbeHost) throws(PlumblineError) -> Void)] {
                try host.check()
                let all = try trace.counting { () throws(PlumblineError) in try body(host) }
                findings.count("\(words): allocated", Double(all.allocated), unit: "pages")
                findings.require(all.allocated > 0, "\(words): no page was allocated")
                findings.requireFreed(all, words)
            }
        }
    }

    private static func exchanges(_ host: ProbeHost) throws(PlumblineError) {
        for pages in [1, 3, 16, 40] {
            let pipe = try PingPong.make(pages: pages, host)
            for _ in 0..<4 { try pipe.exchange() }
        }
    }

    private static func full(_ host: ProbeHost) throws(PlumblineError) {
        let full = try FullPipe.make(for: host, .nonblocking)
        _ = RawCall.write(
            full.pipe.writer.rawValue, from: full.message.bytes.baseAddress,
            count: full.message.bytes.count)
    }

    private static func badMemory(_ host: ProbeHost) throws(PlumblineError) {
        for good in [0, 1, 4, 9] {
            try host.setUp("cannot make a pipe") { () throws(Errno) in
                let pipe = try Pipe(.nonblocking)
                let memory = try MappedMemory(bytes: 12 * page)
                memory.touch()
                try memory.forbid(from: good * page)
                for _ in 0..<2 {
                    _ = RawCall.write(
                        pipe.writer.rawValue, from: memory.bytes.baseAddress, count: 12 * page)
                    if good > 0 {
                        _ = RawCall.read(
                            pipe.reader.rawValue, into: memory.bytes.baseAddress, count: page)
                    }
                }
            }
        }
    }

    private static func killed(_ host: ProbeHost) throws(PlumblineError) {
        let full = try FullPipe.make(for: host)
        let (number, bytes) = (full.pipe.writer.rawValue, full.message.bytes)
        var children = ProbeChildren()
        for _ in 0..<2 {
            try children.start(host) {
                _ = RawCall.write(number, from: bytes.baseAddress, count: bytes.count)
                return 0
            }
        }
        guard try children.allSleep(host) else {
            throw .failure("writers to a full pipe do not wait")
        }
        children.signal(ChildProcess.killSignal)
        guard try children.allEnd(host) != nil else {
            throw .failure("a writer that was killed while it waited does not end")
        }
    }

    private static func noReader(_ host: ProbeHost) throws(PlumblineError) {
        let full = try FullPipe.make(for: host, .nonblocking)
        let bytes = full.message.bytes
        let writer = full.pipe.takeWriter()
        _ = RawCall.write(writer.rawValue, from: bytes.baseAddress, count: bytes.count)
    }

    /// Pages that are in two pipes, and pages that moved to another one.
    private static func shared(_ host: ProbeHost) throws(PlumblineError) {
        let first = try FullPipe.make(for: host)
        let half = 8 * page
        try attempting("cannot share pages of pipes") { () throws(Errno) in
            let second = try Pipe()
            let (input, output) = (first.pipe.reader.rawValue, second.writer.rawValue)
            guard RawCall.tee(from: input, to: output, count: half) == half,
                RawCall.splice(from: input, to: output, count: half) == half
            else { throw .ioError }
            _ = RawCall.read(
                second.reader.rawValue, into: first.message.bytes.baseAddress, count: half)
        }
    }

    private static func resized(_ host: ProbeHost) throws(PlumblineError) {
        let pipe = try PingPong.make(pages: 16, host)
        for size in [64, 256, 128] {
            try pipe.setSize(size << 10, host)
            try pipe.exchange()
        }
    }
}
