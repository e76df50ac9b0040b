// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A fault of a kernel or of its machine that a line of its console reports.
enum ConsoleFault: String, Sendable, Equatable, CaseIterable {
    /// `Kernel panic`.
    case panic
    /// `BUG:`, `Oops`, `general protection fault` and the like.
    case oops
    /// `WARNING:`.
    case warning
    /// A leak that kmemleak found.
    case leak
    /// A task, a CPU or RCU that makes no progress.
    case stall
    /// The whole guest ran out of memory; for a cgroup at its limit that is a part of the test.
    case outOfMemory
    /// A clock source that became unstable.
    case clock
    /// Somebody ended QEMU or its guardian: a user, or the OOM killer of this machine.
    case killed

    /// The rest of a sentence that begins with the guest's name.
    var words: String {
        switch self {
        case .panic: "panicked"
        case .oops: "hit a bug in the kernel"
        case .warning: "reported a kernel warning"
        case .leak: "leaked kernel memory"
        case .stall: "is stuck"
        case .outOfMemory: "ran out of memory"
        case .clock: "lost its clock source"
        case .killed: "is gone"
        }
    }

    /// The texts of each fault; of several in a line, the first one counts.
    private static let signs: [(fault: ConsoleFault, texts: [String])] = [
        (.panic, ["Kernel panic"]),
        (
            .stall,
            [
                "soft lockup", "hard LOCKUP", "blocked for more than", "rcu: INFO:",
                "detected stalls on CPUs", "self-detected stall on CPU",
            ]
        ),
        (
            .outOfMemory,
            // What follows "no killable processes" in a whole guest; a cgroup has these words too.
            ["Out of memory: Killed", "System is deadlocked on memory"]
        ),
        (
            .clock,
            [
                "Marking clocksource", "Marking TSC unstable", "Clocksource tsc unstable",
                "APIC timer disabled due to verification failure",
                "plumbline: the clock source changed",
            ]
        ),
        (
            .killed,
            ["it was killed by signal 9", "it was killed by signal 15", ": terminating on signal "]
        ),
        (.oops, KernelComplaint.bugs), (.warning, KernelComplaint.warnings),
        // kmemleak's count at the end of its report.
        (.leak, ["new suspected memory leaks"]),
    ]

    /// The fault that a line reports.
    init?(in line: String) {
        guard
            let fault = Self.signs.first(where: { $0.texts.contains(where: line.contains) })?.fault
        else {
            return nil
        }
        self = fault
    }
}
