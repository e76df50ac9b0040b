// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// Which CPUs there are and which of them we may use.
enum CPUCheck {
    static let topic = Topic(.cpus, "cpus", title: "CPUs")
    static let threadsTopic = Topic(.cpus, "smt", title: "SMT")

    static func finding(_ machine: ExaminedMachine, allowed: CPUSet) -> Finding {
        let online = CPUSet(list: machine.text("/sys/devices/system/cpu/online") ?? "") ?? allowed
        let model = CPUInfo(machine).model ?? "unknown model"
        if allowed.count < online.count {
            return topic.limited(
                "\(model): \(allowed.count) (\(allowed)) of \(online.count) online (\(online))",
                consequence: "workers run on these CPUs only, and can be pinned to no others",
                fix: .command("taskset -pc \(online) $$"))
        }
        let fact = "\(model): \(online.count) online (\(online)), all allowed"
        guard online.count > 1 else {
            return topic.limited(
                fact,
                consequence:
                    "writers and readers take turns on one CPU, so contention is not measured",
                fix: .advice("give the machine a second CPU"))
        }
        return topic.ok(fact)
    }

    static func threadsFinding(_ machine: ExaminedMachine) -> Finding {
        let control = machine.text("/sys/devices/system/cpu/smt/control")
        guard machine.integer("/sys/devices/system/cpu/smt/active") == 1 else {
            return threadsTopic.ok(
                "one hardware thread per core" + (control.map { " (control: \($0))" } ?? ""))
        }
        return threadsTopic.limited(
            "hardware threads share cores",
            consequence:
                "workers on one core slow each other down: results depend on which CPUs they get",
            fix: machine.asRoot("echo off > /sys/devices/system/cpu/smt/control"))
    }
}
