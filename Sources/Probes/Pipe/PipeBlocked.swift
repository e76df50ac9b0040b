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

    static func run(
        on host: ProbeHost, into findings: inout ProbeFindings
    ) throws(PlumblineError) {
        try host.tracing { (instance) throws(PlumblineError) in
            let trace = try PipeTrace(instance, host, andChildren: true)
            var held: Int?
            var hasEnded = false
            let all = try trace.counting { () throws(PlumblineError) in
                let full = try FullPipe.make(for: host)
                let (number, message) = (full.pipe.writer.rawValue, full.message.bytes)
                let before = try trace.countsSoFar().held
                var children = ProbeChildren()
                for _ in 0..<writers {
                    try children.start(host) {
                        _ = RawCall.write(number, from: message.baseAddress, count: message.count)
                        return 0
                    }
                }
                if try children.allSleep(host) { held = try trace.countsSoFar().held - before }
                children.signal(ChildProcess.killSignal)
                hasEnded = try children.allEnd(host) != nil
            }
            guard let held else {
                throw .failure("\(writers) writers to a full pipe did not all wait")
            }
            findings.count(
                "a writer that waits: held", Double(held) / Double(writers), unit: "pages a writer")
            findings.require(hasEnded, "a writer that was killed while it waited does not end")
            findings.requireFreed(all, "\(writers) writers that were killed while they waited")
        }
    }
}
