// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Protocol

/// Counts the pages of a write that is read at once, by its size, once the pipe's spare pages are in
/// use.
///
/// The article on probes has what the known designs allocate.
enum PipePages: Probe {
    static let name = "pipe-pages"

    /// Pages a write.
    private static let sizes = [1, 2, 4, 8, 16, 32]
    /// Writes before counting, and counted.
    private static let (warmups, writes) = (8, 16)

    static func run(
        on host: ProbeHost, into findings: inout ProbeFindings
    ) throws(PlumblineError) {
        try host.tracing { (instance) throws(PlumblineError) in
            let trace = try PipeTrace(instance, host)
            for pages in sizes {
                try host.check()
                let (before, all) = try trace.countingInParts { () throws(PlumblineError) in
                    let pipe = try PingPong.make(pages: pages, host)
                    for _ in 0..<warmups { try pipe.exchange() }
                    let mark = TraceMark.now()
                    for _ in 0..<writes { try pipe.exchange() }
                    return mark
                }
                // To close the pipe allocates nothing.
                let counted = all - before
                let size = ProbeCountNames.words(pages)
                func each(_ count: Int) -> Double { Double(count) / Double(writes) }
                findings.count(
                    ProbeCountNames.allocated(pages: pages), each(counted.allocated),
                    unit: "pages a write")
                if let locked = counted.locked {
                    findings.count(
                        ProbeCountNames.locked(pages: pages), each(locked), unit: "pages a write")
                }
                findings.requireFreed(all, "writes of \(size)")
            }
        }
    }
}
