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

    fileprivate static let writes = 16
    /// Pages that any design may keep on a pipe.
    fileprivate static let mostSpares = 8

    static func run(on host: ProbeHost) throws(PlumblineError) -> ProbeFindings {
        try host.tracing { (instance) throws(PlumblineError) in
            var findings = ProbeFindings()
            let trace = try PipeTrace(instance)
            let full = try attempting("cannot make a pipe") { () throws(Errno) in
                try FullPipe(.nonblocking)
            }
            let message = full.message.bytes
            findings.add(
                "EAGAIN", try Self.counts(in: trace, of: message, to: full.pipe.writer),
                must: .wouldBlock)
            try host.check()
            // Without its end to read from, a write fails with EPIPE.
            let writer = try attempting("cannot make a pipe") { () throws(Errno) in
                try Pipe(.nonblocking).takeWriter()
            }
            findings.add(
                "EPIPE", try Self.counts(in: trace, of: message, to: writer), must: .brokenPipe)
            return findings
        }
    }

    /// What writes in vain cost, and what they answered.
    fileprivate struct Cost {
        var pages: PipeTrace.Counts
        var answers: Set<Errno?> = []
    }

    private static func counts(
        in trace: PipeTrace, of message: UnsafeMutableRawBufferPointer,
        to writer: borrowing Descriptor
    ) throws(PlumblineError) -> Cost {
        var answers: Set<Errno?> = []
        let number = writer.rawValue
        let pages = try trace.counting {
            for _ in 0..<writes {
                let answer = RawCall.write(number, from: message.baseAddress, count: message.count)
                answers.insert(answer < 0 ? Errno(rawValue: CInt(-answer)) : nil)
            }
        }
        return Cost(pages: pages, answers: answers)
    }
}

extension ProbeFindings {
    fileprivate mutating func add(_ word: String, _ cost: PipeFailures.Cost, must: Errno) {
        let (writes, pages) = (PipeFailures.writes, cost.pages)
        count(
            ProbeCountNames.failed(with: word),
            Double(pages.allocated) / Double(writes), unit: "pages a write")
        for answer in cost.answers where answer != must {
            faults.append(
                "a write that must fail with \(word) answered "
                    + (answer.map { "\($0)" } ?? "success"))
        }
        require(
            pages.allocated - pages.freed <= PipeFailures.mostSpares,
            "\(writes) writes that failed with \(word) allocated \(pages.allocated) pages, and "
                + "\(pages.freed) were freed")
    }
}
