// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Protocol
import SystemPackage

/// Counts the pages that an empty pipe keeps after writes of one size, and those that are still not
/// freed once it is closed.
enum PipeIdle: Probe {
    static let name = "pipe-idle"

    private static let sizes = [1, 8, 32]
    private static let writes = 16

    static func run(on host: ProbeHost) throws(PlumblineError) -> ProbeFindings {
        try host.tracing { (instance) throws(PlumblineError) in
            var findings = ProbeFindings()
            let trace = try PipeTrace(instance)
            for pages in sizes {
                try host.check()
                var kept = 0
                let all = try trace.counting { () throws(PlumblineError) in
                    let pipe = try PingPong.make(pages: pages)
                    for _ in 0..<writes { try pipe.exchange() }
                    let now = try trace.countsSoFar()
                    kept = now.allocated - now.freed
                }
                let size = ProbeCountNames.words(pages)
                findings.count("after writes of \(size): kept", Double(kept), unit: "pages a pipe")
                findings.require(
                    all.allocated == all.freed,
                    "a pipe after writes of \(size) was closed: \(all.allocated) pages had been "
                        + "allocated, and \(all.freed) were freed")
            }
            return findings
        }
    }
}
