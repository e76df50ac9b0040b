// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Protocol
import SystemPackage

/// Counts the pages that a write of 64 KiB allocates before it fails: with EAGAIN on a full pipe that
/// does not block, and with EPIPE on a pipe that nobody reads from.
enum PipeFailures: Probe {
    static let name = "pipe-failures"

    private static let writes = 16

    static func run(
        on host: ProbeHost, into findings: inout ProbeFindings
    ) throws(PlumblineError) {
        try host.tracing { (instance) throws(PlumblineError) in
            let trace = try PipeTrace(instance, host)
            let message = try host.setUp("cannot map memory") { () throws(Errno) in
                try MappedMemory(bytes: FullPipe.pages * MappedMemory.pageSize)
            }
            var cost = Cost()
            var all = try trace.counting { () throws(PlumblineError) in
                let full = try FullPipe.make(for: host, .nonblocking)
                cost = try Self.cost(in: trace, of: full.message.bytes, to: full.pipe.writer)
            }
            findings.add(cost, of: all, word: "EAGAIN", must: .wouldBlock)
            try host.check()
            all = try trace.counting { () throws(PlumblineError) in
                // Empty, so that only the end to read from is missing.
                let writer = try host.setUp("cannot make a pipe") { () throws(Errno) in
                    try Pipe(.nonblocking).takeWriter()
                }
                cost = try Self.cost(in: trace, of: message.bytes, to: writer)
            }
            findings.add(cost, of: all, word: "EPIPE", must: .brokenPipe)
        }
    }

    /// What writes in vain cost, and what they answered.
    fileprivate struct Cost {
        var allocated = 0.0
        var answers: Set<Int> = []
    }

    private static func cost(
        in trace: PipeTrace, of message: UnsafeMutableRawBufferPointer,
        to writer: borrowing Descriptor
    ) throws(PlumblineError) -> Cost {
        let before = try trace.countsSoFar()
        var cost = Cost()
        for _ in 0..<writes {
            cost.answers.insert(
                RawCall.write(writer.rawValue, from: message.baseAddress, count: message.count))
        }
        let pages = try trace.countsSoFar() - before
        cost.allocated = Double(pages.allocated) / Double(writes)
        return cost
    }
}

extension ProbeFindings {
    fileprivate mutating func add(
        _ cost: PipeFailures.Cost, of all: PipeTrace.Counts, word: String, must error: Errno
    ) {
        count(ProbeCountNames.failed(with: word), cost.allocated, unit: "pages a write")
        let must = -Int(error.rawValue)
        require(
            cost.answers == [must],
            "writes that must fail with \(word) (\(must)) answered "
                + cost.answers.sorted().map { "\($0)" }.joined(separator: ", "))
        requireFreed(all, "writes that fail with \(word)")
    }
}
