// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Verdicts

/// What A/A comparisons showed on this machine, where they were made.
enum CalibrationCheck {
    static let topic = Topic(.runs, "calibration")
    private static let command = Remedy.command("plumbline doctor --calibrate")

    /// The machine as its calibration names it, the same as in an agent's greeting.
    static func identity(of machine: ExaminedMachine) -> CalibrationRecord.Machine? {
        guard let kernel = try? KernelIdentity.current() else { return nil }
        return .init(
            cpuModel: machine.field("model name", in: "/proc/cpuinfo"),
            architecture: kernel.machine, cpus: (try? CPUSet.allowed().count) ?? 1,
            memory: UInt64(machine.tree.memory("MemTotal") ?? 0), kernelRelease: kernel.release,
            buildID: kernel.buildID)
    }

    static func finding(_ record: CalibrationRecord?) -> Finding {
        guard let record else {
            return topic.limited(
                "none of this machine",
                consequence: "how small a change it finds, and the best slice length, are unknown",
                fix: command)
        }
        let best = record.best.map { "slices of \(Decimal.milliseconds($0.slice)) are best; " }
        let placebos = record.placebos
        let fact =
            "\(best ?? "")\(placebos.rejections) of \(placebos.comparisons) A/A comparisons found a "
            + "difference"
        guard record.findsTooMuch else { return topic.ok(fact) }
        return topic.limited(
            fact, consequence: "verdicts on this machine report differences too often",
            fix: command)
    }
}
