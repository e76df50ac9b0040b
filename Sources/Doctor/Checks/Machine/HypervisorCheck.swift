// SPDX-License-Identifier: GPL-3.0-or-later

/// Whether the machine is a guest of another.
enum HypervisorCheck {
    static let topic = Topic(.kernel, "hypervisor")

    /// Judges by the CPU's flag, `/sys/hypervisor` and the DMI product.
    static func finding(_ machine: ExaminedMachine) -> Finding {
        let names = [
            machine.text("/sys/hypervisor/type"),
            machine.text("/sys/class/dmi/id/sys_vendor"),
            machine.text("/sys/class/dmi/id/product_name"),
        ].compactMap { $0 }.filter { !$0.isEmpty }
        let label = names.joined(separator: " ")
        guard CPUInfo(machine).isVirtual || machine.tree.exists("/sys/hypervisor/type") else {
            return topic.ok(label.isEmpty ? "none: bare metal" : "none: bare metal (\(label))")
        }
        return topic.limited(
            label.isEmpty ? "a virtual machine (no product name)" : "a virtual machine (\(label))",
            consequence:
                "other work on the host changes every result: only interleaved arms compare",
            fix: .advice("use bare metal to find small effects"))
    }
}
