// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// A fault that a guest causes after its first slice, to test that it is detected:
/// `plumbline.fault=panic` on the kernel's command line.
enum GuestFault: String {
    /// The kernel crashes on purpose (SysRq c).
    case panic
    /// The console shows a line like a kernel warning.
    case warning
    /// The console shows a line like that of the kernel's clock watchdog.
    case clock
    /// The agent stops sending.
    case hang
    /// The agent allocates more memory than there is.
    case outOfMemory = "oom"

    /// Causes the fault.
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
