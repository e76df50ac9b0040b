// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol
import SystemPackage

/// What the metric `pmu` needs of the machine.
enum InstructionCounting {
    /// Returns why the machine that greets cannot be measured by its kernel's instructions; nil
    /// where it can.
    ///
    /// - Parameter machine: another machine's name; nil for this one, where the reason is looked up.
    static func objection(on machine: String?) -> @Sendable (Hello) -> PlumblineError? {
        { hello in
            if hello.capabilities.contains("pmu") { return nil }
            guard let machine else {
                return refusal(Result { () throws(Errno) in try Counter.tryInstructions() })
            }
            return .failure(
                "the kernel's instructions cannot be counted on \(machine): it has no usable PMU, "
                    + "or kernel.perf_event_paranoid forbids it",
                remedy: "log in as root there, or run `plumbline doctor` there to see more")
        }
    }

    /// Why counting fails on this machine: the agent reports only that it does.
    static func refusal(_ attempt: Result<UInt64, Errno>) -> PlumblineError {
        let guest = "count in a guest: `plumbline run SUITE --kernel IMAGE --metric instructions`"
        if case .failure(.permissionDenied) = attempt {
            return refused("kernel.perf_event_paranoid forbids it", guest)
        }
        if case .failure(.notPermitted) = attempt { return refused("it is not permitted", guest) }
        if case .failure(.resourceBusy) = attempt {
            return .failure(
                "the kernel's instructions cannot be counted now: other programs use the PMU's counters",
                remedy: "end programs that count, such as perf or the NMI watchdog, or \(guest)")
        }
        return .failure(
            "the kernel's instructions cannot be counted here: this machine has no usable PMU",
            remedy: "see `plumbline doctor`, or \(guest)")
    }

    private static func refused(_ why: String, _ guest: String) -> PlumblineError {
        .failure(
            "the kernel's instructions cannot be counted here: \(why)",
            remedy: "run as root, or `sysctl -w kernel.perf_event_paranoid=1` as root, or \(guest)")
    }
}
