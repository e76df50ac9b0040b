// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Machine

/// How much memory pressure may take, and where reclaimed memory can go.
enum MemoryCheck {
    static let topic = Topic(.memory, "memory")
    static let stallTopic = Topic(.memory, "psi", title: "PSI")
    static let swapTopic = Topic(.memory, "swap")

    static func finding(_ machine: ExaminedMachine) -> Finding {
        guard let budget = try? MemoryBudget.read(in: machine.tree) else {
            return topic.missing(
                "/proc/meminfo is not readable", consequence: "pressure cannot be sized",
                fix: machine.asRoot("mount -t proc proc /proc"))
        }
        let fact =
            "\(ByteSize(budget.available).short) of \(ByteSize(budget.total).short) available, "
            + "\(ByteSize(budget.spendable).short) of it for pressure"
        guard budget.spendable < 1 << 30 else { return topic.ok(fact) }
        return topic.limited(
            fact, consequence: "cells under pressure that need more are refused",
            fix: .advice(
                "end programs that use much memory: ps -eo pid,rss,comm --sort=-rss | head"))
    }

    static func stallFinding(_ machine: ExaminedMachine) -> Finding {
        if machine.text("/proc/pressure/memory")?.hasPrefix("some ") == true {
            return stallTopic.ok("/proc/pressure is readable")
        }
        let consequence = "pressure is proved by reclaim counters only, not by stall time"
        let isThere = machine.tree.exists("/proc/pressure/memory")
        return stallTopic.missing(
            isThere ? "/proc/pressure is disabled" : "no /proc/pressure", consequence: consequence,
            fix: bootParameter("psi=1", machine))
    }

    static func swapFinding(_ machine: ExaminedMachine) -> Finding {
        let areas = SwapArea.all(in: machine.tree)
        guard !areas.isEmpty else {
            return swapTopic.missing(
                "none",
                consequence:
                    "anonymous memory cannot be reclaimed: pressure from it ends in the OOM killer, "
                    + "unless the suite sets up zram swap (as root)",
                fix: machine.asRoot(
                    "fallocate -l 2G /swapfile && chmod 600 /swapfile && mkswap /swapfile "
                        + "&& swapon /swapfile"))
        }
        let used = areas.reduce(0) { $0 + $1.used }
        let total = areas.reduce(0) { $0 + $1.size }
        return swapTopic.ok(
            "\(ByteSize(total).short), \(ByteSize(used).short) used: "
                + areas.map(\.path).joined(separator: ", "))
    }

    /// The command that adds a kernel parameter for the next boot.
    private static func bootParameter(_ parameter: String, _ machine: ExaminedMachine) -> Remedy {
        let edit = "sed -i \"s/^GRUB_CMDLINE_LINUX=./&\(parameter) /\" /etc/default/grub"
        return machine.asRoot("\(edit) && update-grub && reboot")
    }
}
