// SPDX-License-Identifier: GPL-3.0-or-later

/// What `/proc/cpuinfo` says of the first CPU.
struct CPUInfo: Sendable, Equatable {
    let model: String?
    /// What it can do, such as `nonstop_tsc` or `hypervisor`.
    let flags: Set<String>

    init(_ machine: ExaminedMachine) {
        model = machine.field("model name", in: "/proc/cpuinfo")
        let words = machine.field("flags", in: "/proc/cpuinfo") ?? ""
        flags = Set(words.split(separator: " ").map(String.init))
    }

    /// Whether the time-stamp counter ticks evenly whatever the CPU does (`nonstop_tsc`).
    var hasInvariantTSC: Bool { flags.contains("nonstop_tsc") }

    /// Whether a hypervisor announces itself (CPUID 1 ECX bit 31).
    var isVirtual: Bool { flags.contains("hypervisor") }
}
