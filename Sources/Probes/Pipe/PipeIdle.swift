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

    static func run(
        on host: ProbeHost, into findings: inout ProbeFindings
    ) throws(PlumblineError) {
        try host.tracing { (instance) throws(PlumblineError) in
            let trace = try PipeTrace(instance, host)
            for pages in sizes {
                try host.check()
                var kept = 0
                let all = try trace.counting { () throws(PlumblineError) in
                    let pipe = try PingPong.make(pages: pages, host)
                    for _ in 0..<writes { try pipe.exchange() }
                    kept = try trace.countsSoFar().held
                }
                let words = "after writes of \(ProbeCountNames.words(pages))"
                findings.count("\(words): kept", Double(kept), unit: "pages a pipe")
                findings.requireFreed(all, words)
            }
        }
    }
}
