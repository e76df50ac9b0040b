// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol
import SystemPackage

/// The kernel has not complained in its log since the first probe: of sleep in atomic context, say,
/// of which it complains with CONFIG_DEBUG_ATOMIC_SLEEP only.
///
/// In a guest, whose console is watched, a complaint fails the probe that runs.
enum LogComplaints: Probe {
    static let name = "kernel-log"

    static func run(
        on host: ProbeHost, into findings: inout ProbeFindings
    ) throws(PlumblineError) {
        guard let log = host.log else {
            try host.skip("the kernel's log, /dev/kmsg, cannot be read", remedy: "run as root")
        }
        // Also where this probe is the only one.
        for pages in [1, 2, 16, 32] {
            let pipe = try PingPong.make(pages: pages, host)
            for _ in 0..<4 { try pipe.exchange() }
        }
        let complaints = try host.setUp("cannot read /dev/kmsg") { () throws(Errno) in
            try log.complaints()
        }
        findings.requireNone(complaints)
        guard checksSleep else {
            try host.skip(
                "this kernel does not look for sleep in atomic context",
                remedy: "use one with +debug")
        }
    }

    /// Whether the kernel has the function that finds sleep in atomic context.
    private static var checksSleep: Bool {
        (try? SystemFile.read("/proc/kallsyms"))?.contains(" __might_sleep\n") == true
    }
}

extension ProbeFindings {
    /// Requires that the kernel complained of nothing.
    mutating func requireNone(_ complaints: [String]) {
        count("complaints in the kernel's log", Double(complaints.count), unit: "")
        require(
            complaints.isEmpty,
            "the kernel complained \(complaints.count) times since the first probe, first: "
                + (complaints.first ?? ""))
    }
}
