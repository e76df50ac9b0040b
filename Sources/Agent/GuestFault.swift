// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// A fault that a guest is told to have after its first slice, to see that it is found:
/// `plumbline.fault=panic` on the kernel's command line.
enum GuestFault: String {
    /// The kernel crashes on purpose (SysRq c).
    case panic
    /// A line on the console that looks like a warning of the kernel's.
    case warning
    /// A line on the console as the kernel's watchdog over its clock writes it.
    case clock
    /// The agent says nothing any more.
    case hang
    /// The agent takes more memory than there is.
    case outOfMemory = "oom"

    /// Has the fault.
    func happen() {
        switch self {
        case .panic: try? SystemFile.write("c", to: "/proc/sysrq-trigger")
        case .warning:
            try? SystemFile.write("<3>WARNING: CPU: 0 PID: 1 at plumbline.fault", to: "/dev/kmsg")
        case .clock:
            try? SystemFile.write(
                "<4>clocksource: Marking clocksource 'tsc' as unstable (plumbline.fault)",
                to: "/dev/kmsg")
        case .hang: while true { try? Clock.sleep(nanoseconds: 1_000_000_000) }
        case .outOfMemory: takeAll()
        }
    }

    private func takeAll() {
        var chunks: [[UInt8]] = []
        while true { chunks.append([UInt8](repeating: UInt8(chunks.count & 255), count: 1 << 20)) }
    }
}
