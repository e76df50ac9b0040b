// SPDX-License-Identifier: GPL-3.0-or-later

/// Whether the CPUs keep their frequency.
enum GovernorCheck {
    static let topic = Topic(.cpus, "governor")

    /// Judges each CPU's `scaling_governor`; a guest has none, its host has.
    static func finding(_ machine: ExaminedMachine) -> Finding {
        let directory = "/sys/devices/system/cpu"
        let governors = Set(
            machine.tree.list(directory).compactMap {
                machine.text("\(directory)/\($0)/cpufreq/scaling_governor")
            }
        ).sorted()
        if governors == ["performance"] { return topic.ok("performance on every CPU") }
        if !governors.isEmpty {
            return topic.limited(
                governors.joined(separator: ", "),
                consequence:
                    "the frequency follows the load: the first operations of a slice are slower",
                fix: machine.asRoot(
                    "echo performance | tee \(directory)/cpu*/cpufreq/scaling_governor"))
        }
        if CPUInfo(machine).isVirtual { return topic.ok("none: the host sets the frequency") }
        return topic.limited(
            "no cpufreq driver",
            consequence: "the firmware changes the frequency without a record of it",
            fix: machine.canLoadModule("acpi-cpufreq")
                ? machine.asRoot("modprobe acpi-cpufreq")
                : .advice("in the firmware, let the operating system control the frequency"))
    }
}
