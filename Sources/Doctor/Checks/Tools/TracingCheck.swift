// SPDX-License-Identifier: GPL-3.0-or-later

import Machine

/// Whether the kernel's tracepoints and entries of functions can be counted.
enum TracingCheck {
    static let topic = Topic(.tracing, "tracefs")
    static let pointsTopic = Topic(.tracing, "tracepoints")
    static let functionsTopic = Topic(.tracing, "functions")

    /// What the mechanism probes count: a directory below events, and what it counts.
    private static let points = [
        ("kmem/mm_page_alloc", "page allocations"),
        ("kmem/kmalloc", "kmallocs"),
        ("vmscan/mm_vmscan_direct_reclaim_begin", "direct reclaim"),
        ("lock/contention_begin", "waits for locks"),
        ("iomap", "direct I/O through iomap"),
    ]

    /// The directory that tracefs is mounted on; nil when it is not.
    private static func mounted(_ machine: ExaminedMachine) -> String? {
        MountPoint.all(in: machine.tree).last { $0.type == "tracefs" }?.path
    }

    /// The same, if its files can be seen.
    private static func readable(_ machine: ExaminedMachine) -> String? {
        mounted(machine).flatMap { machine.tree.list("\($0)/events").isEmpty ? nil : $0 }
    }

    static func finding(_ machine: ExaminedMachine) -> Finding {
        let consequence = "tracepoints are not counted: results have no evidence of the mechanism"
        guard let directory = mounted(machine) else {
            guard machine.tree.exists("/sys/kernel/tracing") else {
                return topic.missing(
                    "not in this kernel", consequence: consequence,
                    fix: ExaminedMachine.otherKernel(with: "CONFIG_FTRACE and CONFIG_TRACING"))
            }
            return topic.missing(
                "not mounted", consequence: consequence,
                fix: machine.asRoot("mount -t tracefs tracefs /sys/kernel/tracing"))
        }
        guard readable(machine) != nil else {
            return topic.limited(
                "mounted at \(directory), not readable by this user", consequence: consequence,
                fix: .command("sudo plumbline doctor"))
        }
        return topic.ok("mounted at \(directory), readable")
    }

    static func pointsFinding(_ machine: ExaminedMachine) -> Finding {
        guard let directory = readable(machine) else {
            return pointsTopic.missing(
                "unknown without tracefs",
                consequence: "page allocations, reclaim and waits for locks may not be counted",
                fix: finding(machine).remedy ?? noTracing)
        }
        let absent = points.filter { !machine.tree.exists("\(directory)/events/\($0.0)") }
        guard !absent.isEmpty else {
            return pointsTopic.ok(points.map(\.0).joined(separator: ", "))
        }
        return pointsTopic.limited(
            "without " + absent.map(\.0).joined(separator: ", "),
            consequence: "not counted: " + absent.map(\.1).joined(separator: ", "), fix: noTracing)
    }

    static func functionsFinding(_ machine: ExaminedMachine) -> Finding {
        let consequence =
            "allocations under a mutex, such as a pipe's, are not counted apart from others"
        if let directory = readable(machine) {
            if machine.tree.exists("\(directory)/set_ftrace_filter") {
                return functionsTopic.ok("\(directory)/set_ftrace_filter")
            }
        } else if machine.tree.exists("/proc/sys/kernel/ftrace_enabled") {
            return functionsTopic.limited(
                "in this kernel, but needs tracefs", consequence: consequence,
                fix: finding(machine).remedy ?? noTracing)
        } else if mounted(machine) != nil || machine.tree.exists("/sys/kernel/tracing") {
            return functionsTopic.missing(
                "unknown without tracefs", consequence: consequence,
                fix: finding(machine).remedy ?? noTracing)
        }
        return functionsTopic.missing(
            "not in this kernel", consequence: consequence,
            fix: ExaminedMachine.otherKernel(
                with: "CONFIG_FUNCTION_TRACER and CONFIG_DYNAMIC_FTRACE"))
    }

    private static let noTracing = ExaminedMachine.otherKernel(
        with: "CONFIG_TRACEPOINTS, from 5.19 on")
}
