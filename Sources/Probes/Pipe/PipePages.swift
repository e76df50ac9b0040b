// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Protocol

/// Counts the pages of a write that is read at once, by its size, once the pipe's spare pages are in
/// use.
///
/// The article on guests has what the known designs allocate.
enum PipePages: Probe {
    static let name = "pipe-pages"

    /// Pages a write.
    private static let sizes = [1, 2, 4, 8, 16, 32]
    /// Writes before counting, and counted.
    private static let (warmups, writes) = (8, 16)

    static func run(on host: ProbeHost) throws(PlumblineError) -> ProbeFindings {
        try host.tracing { (instance) throws(PlumblineError) in
            var findings = ProbeFindings()
            let trace = try PipeTrace(instance)
            for pages in sizes {
                try host.check()
                let pipe = try PingPong.make(pages: pages)
                for _ in 0..<warmups { try pipe.exchange() }
                let counts = try trace.counting { () throws(PlumblineError) in
                    for _ in 0..<writes { try pipe.exchange() }
                }
                let size = ProbeCountNames.words(pages)
                func each(_ count: Int) -> Double { Double(count) / Double(writes) }
                findings.count(
                    ProbeCountNames.allocated(pages: pages), each(counts.allocated),
                    unit: "pages a write")
                if let locked = counts.locked {
                    findings.count(
                        ProbeCountNames.locked(pages: pages), each(locked), unit: "pages a write")
                }
                findings.require(
                    counts.allocated == counts.freed,
                    "\(writes) writes of \(size) allocated \(counts.allocated) pages, and "
                        + "\(counts.freed) were freed")
            }
            return findings
        }
    }
}
