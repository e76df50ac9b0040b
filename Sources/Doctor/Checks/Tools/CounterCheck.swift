// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// Whether the CPU's counters can be read.
enum CounterCheck {
    static let topic = Topic(.tracing, "pmu", title: "PMU")

    /// Counts the kernel's instructions over some system calls; how many there were.
    static func tryOut() -> Result<UInt64, Errno> {
        Result { () throws(Errno) in try Counter.tryInstructions() }
    }

    static func finding(_ machine: ExaminedMachine, _ attempt: Result<UInt64, Errno>) -> Finding {
        let consequence =
            "kernel instructions per operation are not counted; time is still measured"
        switch attempt {
        case .success(0):
            return topic.missing(
                "a counter opens but counts nothing", consequence: consequence, fix: remedy(machine)
            )
        case .success:
            return topic.ok("kernel instructions are counted")
        case .failure(.permissionDenied), .failure(.notPermitted):
            let level = machine.text("/proc/sys/kernel/perf_event_paranoid") ?? "unknown"
            return topic.limited(
                "refused: kernel.perf_event_paranoid is \(level)", consequence: consequence,
                fix: machine.asRoot("sysctl -w kernel.perf_event_paranoid=1"))
        case .failure(.noFunction):
            return topic.missing(
                "this kernel has no perf (ENOSYS)", consequence: consequence,
                fix: ExaminedMachine.otherKernel(with: "CONFIG_PERF_EVENTS"))
        case .failure(let error):
            return topic.missing(
                "cannot count instructions: \(error)", consequence: consequence,
                fix: remedy(machine))
        }
    }

    private static func remedy(_ machine: ExaminedMachine) -> Remedy {
        CPUInfo(machine).isVirtual
            ? .advice("on the host: give this machine a virtual PMU (QEMU: -cpu host,pmu=on)")
            : .advice("enable the CPU's performance counters in the firmware")
    }
}
