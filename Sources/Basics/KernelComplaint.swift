// SPDX-License-Identifier: GPL-3.0-or-later

/// What a kernel that finds itself wrong prints: a line of its log or console has one of these texts.
package enum KernelComplaint {
    /// Of a bug: lib/bug.c, arch/x86/kernel/dumpstack.c and traps.c, kernel/sched/core.c, lib/ubsan.c.
    package static let bugs = [
        "BUG:", "kernel BUG at", "Oops:",
        // A fault of a program has "general protection fault ip:".
        "general protection fault:", "general protection fault,", "double fault",
        "stack segment:", "UBSAN:", "Unable to handle kernel",
    ]
    /// Of a warning: kernel/panic.c, kernel/locking/lockdep.c.
    package static let warnings = [
        "WARNING:", "INFO: possible", "INFO: suspicious",
        "INFO: trying to register non-static key",
    ]

    /// Whether a line has one.
    package static func isIn(_ line: some StringProtocol) -> Bool {
        (bugs + warnings).contains(where: line.contains)
    }
}
