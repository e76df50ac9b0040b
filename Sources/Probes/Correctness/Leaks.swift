// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Workloads

/// Asks kmemleak for memory that the probes before this one had the kernel lose.
enum Leaks: Probe {
    static let name = "leaks"

    static func run(on host: ProbeHost) throws(PlumblineError) -> ProbeFindings {
        do throws(PlumblineError) { try LeakScan.require() } catch {
            return .skipped("this kernel does not look for its leaks: use one with +debug")
        }
        try host.check()
        try LeakScan.check()
        return ProbeFindings()
    }
}
