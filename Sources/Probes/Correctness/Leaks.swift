// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Workloads

/// Asks kmemleak for memory that the probes before this one had the kernel lose.
enum Leaks: Probe {
    static let name = "leaks"

    private static let limit: UInt64 = 120_000_000_000

    static func run(on host: ProbeHost) throws(PlumblineError) -> ProbeFindings {
        do throws(PlumblineError) { try LeakScan.require() } catch {
            return .skipped("this kernel does not look for its leaks: use one with +debug")
        }
        // The kernel scans for seconds in one system call.
        var children = ProbeChildren()
        try children.start { (try? LeakScan.check()) == nil ? 1 : 0 }
        guard let exits = try children.allEnd(host, limit: limit) else {
            throw .failure("kmemleak scanned for longer than \(limit / 1_000_000_000) s")
        }
        guard exits != [.exited(0)] else { return ProbeFindings() }
        // Tells what it found.
        try LeakScan.check()
        throw .failure("kmemleak could not be asked")
    }
}
