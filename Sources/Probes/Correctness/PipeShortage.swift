// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Protocol
import SystemPackage
import Workloads

/// Writes to a pipe of which one allocation fails: what a write says that it wrote is in the pipe.
enum PipeShortage: Probe {
    static let name = "pipe-enomem"

    /// With 32, more than any design allocates before the lock: a page of the rest fails, too.
    private static let pages = [1, 2, 8, 16, 32]

    static func run(
        on host: ProbeHost, into findings: inout ProbeFindings
    ) throws(PlumblineError) {
        try Shortage.require(host)
        for pages in pages {
            try host.check()
            try attempting("cannot have allocations fail") { () throws(Errno) in
                try check(pages, StreamPattern(seed: host.seed), into: &findings)
            }
        }
    }

    private static func check(
        _ pages: Int, _ pattern: StreamPattern, into findings: inout ProbeFindings
    ) throws(Errno) {
        let bytes = pages * MappedMemory.pageSize
        let output = try MappedMemory(bytes: bytes)
        let input = try MappedMemory(bytes: bytes)
        pattern.fill(output.bytes, writer: 0, position: 0)
        input.touch()
        let fault = try FailNth()
        let shortage = Shortage(
            words: "a write of \(ProbeCountNames.words(pages))", bytes: bytes)
        try shortage.run(into: &findings) { (number) throws(Errno) in
            let pipe = try Pipe()
            try pipe.setSize(max(bytes, FullPipe.pages * MappedMemory.pageSize))
            try fault.arm(number)
            let sent = RawCall.write(
                pipe.writer.rawValue, from: output.bytes.baseAddress, count: bytes)
            var trial = Shortage.Trial(answer: sent, hasFailed: try fault.disarm())
            let readable = try pipe.readableBytes
            if readable != max(0, sent) {
                trial.complaint = "\(readable) bytes are in the pipe"
            } else if sent > 0 {
                let got = RawCall.read(
                    pipe.reader.rawValue, into: input.bytes.baseAddress, count: bytes)
                let right = pattern.matchForward(
                    UnsafeRawBufferPointer(rebasing: input.bytes[..<max(0, got)]), writer: 0,
                    position: 0)
                if right != sent { trial.complaint = "\(right) right bytes came out" }
            }
            return trial
        }
    }
}
