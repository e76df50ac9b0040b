// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// The kernel's file systems that a guest needs.
enum GuestMounts {
    struct Entry {
        let source: String
        let target: String
        let type: String
        var options = ""
        /// Whether measuring needs it.
        var isNeeded = false
    }

    /// In the order of mounting.
    static let entries = [
        Entry(source: "proc", target: "/proc", type: "proc", isNeeded: true),
        Entry(source: "sysfs", target: "/sys", type: "sysfs", isNeeded: true),
        Entry(source: "devtmpfs", target: "/dev", type: "devtmpfs", isNeeded: true),
        Entry(source: "tmpfs", target: "/tmp", type: "tmpfs", options: "mode=1777"),
        Entry(source: "tmpfs", target: "/run", type: "tmpfs", options: "mode=0755"),
        Entry(source: "cgroup2", target: "/sys/fs/cgroup", type: "cgroup2"),
        Entry(source: "debugfs", target: "/sys/kernel/debug", type: "debugfs"),
        Entry(source: "tracefs", target: "/sys/kernel/tracing", type: "tracefs"),
        Entry(source: "configfs", target: "/sys/kernel/config", type: "configfs"),
    ]

    /// Mounts them, and reports on the console which needed one the kernel lacks.
    static func make() {
        for entry in entries {
            try? SystemFile.makeDirectory(entry.target)
            do {
                try Mount.mount(
                    entry.source, on: entry.target, type: entry.type, options: entry.options)
            } catch  where error != .resourceBusy && entry.isNeeded {
                GuestInit.say("this kernel lacks \(entry.type) (\(error))")
            } catch {
                continue
            }
        }
        // Only memory: each group with a cpuset flips a static key of the page allocator, and
        // QEMU's emulator may run code while another CPU patches it, which ends in `Oops: int3`.
        // The first group flips its keys here, before any load.
        try? SystemFile.write("+memory", to: "/sys/fs/cgroup/cgroup.subtree_control")
        try? SystemFile.makeDirectory("/sys/fs/cgroup/first")
    }
}
