// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// How many memory nodes there are.
enum NUMACheck {
    static let topic = Topic(.cpus, "numa", title: "NUMA")

    /// Counts the nodes that are online.
    ///
    /// - Parameter isAvailable: whether the kernel takes memory policies.
    static func finding(_ machine: ExaminedMachine, isAvailable: Bool) -> Finding {
        guard isAvailable else {
            return topic.limited(
                "the kernel has no memory policies",
                consequence: "numa_cpu_nodes and numa_mem_policy fail",
                fix: ExaminedMachine.otherKernel(with: "CONFIG_NUMA"))
        }
        let list = machine.text("/sys/devices/system/node/online") ?? "0"
        // The kernel's list format is the same for nodes as for CPUs.
        let count = CPUSet(list: list)?.count ?? 1
        return topic.ok(count <= 1 ? "one node" : "\(count) nodes (\(list))")
    }
}
