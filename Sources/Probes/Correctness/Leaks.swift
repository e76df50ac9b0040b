// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Workloads

/// Asks kmemleak for memory that the probes before this one had the kernel lose.
enum Leaks: Probe {
    static let name = "leaks"

    private static let limit: UInt64 = 120_000_000_000

    static func run(
        on host: ProbeHost, into findings: inout ProbeFindings
    ) throws(PlumblineError) {
        do throws(PlumblineError) { try LeakScan.require() } catch {
            try host.skip("this kernel does not look for its leaks", remedy: "use one with +debug")
        }
        // The kernel scans for seconds in one system call.
        var children = ProbeChildren()
        try children.start(host) { (try? LeakScan.check()) == nil ? 1 : 0 }
        guard let exits = try children.allEnd(host, limit: limit) else {
            throw .failure("kmemleak scans for longer than \(limit / 1_000_000_000) s")
        }
        findings.count("scans", 1, unit: "")
        guard exits != [.exited(0)] else { return }
        // Tells what it found.
        try LeakScan.check()
        try host.skip("kmemleak does not answer")
    }
}
