// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// Which clock times the operations and what one timing costs.
enum ClockCheck {
    static let topic = Topic(.cpus, "clock")

    struct Timer: Sendable, Equatable {
        let source: FastClock.Source
        /// What one reading costs, nanoseconds.
        let readCost: Double
        /// What a reading and its histogram entry cost, nanoseconds.
        let timingCost: Double
    }

    private static let directory = "/sys/devices/system/clocksource/clocksource0"

    /// Judges the kernel's clock source and the timer that was chosen by it.
    static func finding(_ machine: ExaminedMachine, timer: Timer) -> Finding {
        let current = machine.text("\(directory)/current_clocksource") ?? "unknown"
        let invariant = CPUInfo(machine).hasInvariantTSC
        let fact =
            "source \(current), TSC \(invariant ? "" : "not ")invariant; timer "
            + "\(timer.source.rawValue): \(Decimal.time(nanoseconds: timer.readCost)) a reading, "
            + "\(Decimal.time(nanoseconds: timer.timingCost)) to time one operation"
        if timer.source == .tsc { return topic.ok(fact) }
        return topic.limited(
            fact, consequence: consequence(of: current), fix: remedy(machine, invariant: invariant))
    }

    private static func consequence(of current: String) -> String {
        switch current {
        case "hpet", "acpi_pm", "jiffies", "refined-jiffies":
            "each reading is slow or coarse: latencies of single operations are wrong"
        default: "timing one operation costs more than with the TSC"
        }
    }

    private static func remedy(_ machine: ExaminedMachine, invariant: Bool) -> Remedy {
        let available = machine.text("\(directory)/available_clocksource") ?? ""
        if invariant, available.split(separator: " ").contains("tsc") {
            return machine.asRoot("echo tsc > \(directory)/current_clocksource")
        }
        return .advice(
            invariant
                ? "boot with tsc=reliable if the host keeps the TSCs of its CPUs in step"
                : "use a CPU with an invariant TSC; in a guest, a CPU model with one")
    }
}
