// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol
import SystemPackage

/// What the metric `pmu` needs of the machine.
enum InstructionCounting {
    /// Why the machine that greets cannot be measured by its kernel's instructions; nil where it
    /// can.
    @Sendable static func objection(to hello: Hello) -> PlumblineError? {
        if hello.capabilities.contains("pmu") { return nil }
        return refusal(Result { () throws(Errno) in try Counter.tryInstructions() })
    }

    /// Says what counting by hand says: the agent tells no more than that it cannot.
    static func refusal(_ attempt: Result<UInt64, Errno>) -> PlumblineError {
        let guest = "count in a guest: `plumbline run SUITE --kernel IMAGE --metric instructions`"
        if case .failure(.permissionDenied) = attempt {
            return refused("kernel.perf_event_paranoid forbids it", guest)
        }
        if case .failure(.notPermitted) = attempt { return refused("it is not permitted", guest) }
        if case .failure(.resourceBusy) = attempt {
            return .failure(
                "the kernel's instructions cannot be counted now: others hold the PMU's counters",
                remedy: "end what counts, such as perf or a watchdog, or \(guest)")
        }
        return .failure(
            "the kernel's instructions cannot be counted here: there is no PMU that does",
            remedy: "see `plumbline doctor`, or \(guest)")
    }

    private static func refused(_ why: String, _ guest: String) -> PlumblineError {
        .failure(
            "the kernel's instructions cannot be counted here: \(why)",
            remedy: "run as root, or `sysctl -w kernel.perf_event_paranoid=1` as root, or \(guest)")
    }
}
