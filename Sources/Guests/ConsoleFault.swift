// SPDX-License-Identifier: GPL-3.0-or-later

/// What a line of a kernel's console says is wrong with the kernel or its machine.
public enum ConsoleFault: String, Sendable, Equatable, CaseIterable {
    /// `Kernel panic`.
    case panic
    /// `BUG:`, `Oops`, `general protection fault` and their like.
    case oops
    /// `WARNING:`.
    case warning
    /// Memory that nothing points to any more, as kmemleak finds it.
    case leak
    /// A task, a CPU or RCU that does not get on.
    case stall
    /// The whole guest ran out of memory; a cgroup at its limit is a cell's own affair.
    case outOfMemory
    /// A clock source that is not what it was.
    case clock

    /// In a sentence that begins with the guest's name.
    public var words: String {
        switch self {
        case .panic: "panicked"
        case .oops: "hit a bug in the kernel"
        case .warning: "gave a kernel warning"
        case .leak: "leaked memory of the kernel"
        case .stall: "is stuck"
        case .outOfMemory: "ran out of memory"
        case .clock: "lost its clock source"
        }
    }

    /// What each fault looks like: the most telling first.
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
        // A program's own fault has "general protection fault ip:".
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
        // Of kmemleak, which ends its report with a count.
        ("new suspected memory leaks", .leak),
    ]

    /// What a line says; nil for one that bodes no ill.
    public static func inLine(_ line: String) -> ConsoleFault? {
        signs.first { line.contains($0.text) }?.fault
    }
}
