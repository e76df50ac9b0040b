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
    /// How long it may take until all wait.
    private static let timeout: UInt64 = 5_000_000_000

    static func run(on host: ProbeHost) throws(PlumblineError) -> ProbeFindings {
        try host.tracing { (instance) throws(PlumblineError) in
            var findings = ProbeFindings()
            let trace = try PipeTrace(instance, andChildren: true)
            let full = try attempting("cannot make a pipe") { () throws(Errno) in try FullPipe() }
            let (number, message) = (full.pipe.writer.rawValue, full.message.bytes)
            var held: PipeTrace.Counts?
            let all = try trace.counting { () throws(PlumblineError) in
                var children: [ChildProcess] = []
                defer { for child in children { end(child) } }
                for _ in 0..<writers {
                    children.append(
                        try attempting("cannot fork") { () throws(Errno) in
                            try ChildProcess.fork {
                                _ = RawCall.write(
                                    number, from: message.baseAddress, count: message.count)
                                return 0
                            }
                        })
                }
                if try allWait(children, host) { held = try trace.countsSoFar() }
            }
            guard let held else {
                throw .failure("\(writers) writers to a full pipe did not all wait")
            }
            findings.count(
                "a writer that waits: held",
                Double(held.allocated - held.freed) / Double(writers), unit: "pages a writer")
            findings.require(
                all.allocated == all.freed,
                "\(writers) writers that were killed while they waited allocated "
                    + "\(all.allocated) pages, and \(all.freed) were freed")
            return findings
        }
    }

    private static func end(_ child: ChildProcess) {
        try? child.kill()
        _ = try? child.wait()
    }

    /// Waits until every child sleeps, which it does in its write alone.
    ///
    /// - Returns: false when one does not.
    private static func allWait(
        _ children: [ChildProcess], _ host: ProbeHost
    ) throws(PlumblineError) -> Bool {
        let end = Clock.monotonicNanoseconds() + timeout
        var calm = 0
        while Clock.monotonicNanoseconds() < end {
            try host.check()
            calm = children.allSatisfy(isAsleep) ? calm + 1 : 0
            if calm == 5 { return true }
            try? Clock.sleep(nanoseconds: 10_000_000)
        }
        return false
    }

    /// The state after the name in brackets, which may hold anything.
    private static func isAsleep(_ child: ChildProcess) -> Bool {
        guard let text = try? SystemFile.read("/proc/\(child.id)/stat"),
            let bracket = text.lastIndex(of: ")")
        else { return false }
        return text[text.index(after: bracket)...].trimmed.first == "S"
    }
}
