// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol
import SystemPackage

/// Counts the pages that writers hold who wait for room in a pipe, 64 KiB each.
enum PipeBlocked: Probe {
    static let name = "pipe-blocked"

    private static let writers = 4

    static func run(on host: ProbeHost) throws(PlumblineError) -> ProbeFindings {
        try host.tracing { (instance) throws(PlumblineError) in
            var findings = ProbeFindings()
            let trace = try PipeTrace(instance, andChildren: true)
            var held: Int?
            let all = try trace.counting { () throws(PlumblineError) in
                let full = try attempting("cannot make a pipe") { () throws(Errno) in
                    try FullPipe()
                }
                let (number, message) = (full.pipe.writer.rawValue, full.message.bytes)
                let before = try trace.countsSoFar()
                var children = ProbeChildren()
                for _ in 0..<writers {
                    try children.start {
                        _ = RawCall.write(number, from: message.baseAddress, count: message.count)
                        return 0
                    }
                }
                if try children.allSleep(host) {
                    let now = try trace.countsSoFar()
                    held = now.allocated - now.freed - (before.allocated - before.freed)
                }
                children.signal(ChildProcess.killSignal)
                _ = try children.allEnd(host)
            }
            guard let held else {
                throw .failure("\(writers) writers to a full pipe did not all wait")
            }
            findings.count(
                "a writer that waits: held",
                Double(held) / Double(writers), unit: "pages a writer")
            findings.require(
                all.allocated == all.freed,
                "a full pipe whose \(writers) waiting writers were killed was closed: "
                    + "\(all.allocated) pages had been allocated, and \(all.freed) were freed")
            return findings
        }
    }
}
