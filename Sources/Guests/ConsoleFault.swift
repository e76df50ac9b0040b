// SPDX-License-Identifier: GPL-3.0-or-later

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
        }
    }

    /// A text for each fault; of several in a line, the first one counts.
    private static let signs: [(text: String, fault: ConsoleFault)] = [
        ("Kernel panic", .panic),
        ("soft lockup", .stall),
        ("hard LOCKUP", .stall),
        ("blocked for more than", .stall),
        ("rcu: INFO:", .stall),
        ("detected stalls on CPUs", .stall),
        ("self-detected stall on CPU", .stall),
        ("Out of memory: Killed", .outOfMemory),
        ("Out of memory and no killable", .outOfMemory),
        ("System is deadlocked on memory", .outOfMemory),
        ("Marking clocksource", .clock),
        ("Marking TSC unstable", .clock),
        ("Clocksource tsc unstable", .clock),
        ("APIC timer disabled due to verification failure", .clock),
        ("plumbline: the clock source changed", .clock),
        ("BUG:", .oops),
        ("kernel BUG at", .oops),
        ("Oops:", .oops),
        // A fault of a program has "general protection fault ip:".
        ("general protection fault:", .oops),
        ("general protection fault,", .oops),
        ("double fault", .oops),
        ("stack segment:", .oops),
        ("UBSAN:", .oops),
        ("Unable to handle kernel", .oops),
        ("WARNING:", .warning),
        ("INFO: possible", .warning),
        ("INFO: suspicious", .warning),
        ("INFO: trying to register non-static key", .warning),
        // kmemleak's count at the end of its report.
        ("new suspected memory leaks", .leak),
    ]

    /// The fault that a line reports.
    init?(in line: String) {
        guard let fault = Self.signs.first(where: { line.contains($0.text) })?.fault else {
            return nil
        }
        self = fault
    }
}
