// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// Whether io_uring may be used.
enum RingCheck {
    static let topic = Topic(.io, "io_uring")

    /// Makes a ring; the flags that the kernel granted, or its refusal.
    static func tryOut() -> Result<Ring.Flags, Errno> {
        do {
            return .success(try Ring.create(entries: 8).flags)
        } catch {
            return .failure(error)
        }
    }

    static func finding(_ machine: ExaminedMachine, _ attempt: Result<Ring.Flags, Errno>) -> Finding
    {
        switch attempt {
        case .success(let flags):
            let missing = names.filter { !flags.contains($0.flag) }.map(\.name)
            guard !missing.isEmpty else {
                return topic.ok("allowed, with every flag that Plumbline uses")
            }
            return topic.limited(
                "allowed, without \(missing.joined(separator: ", "))",
                consequence: "completions interrupt the worker, which costs more per operation",
                fix: machine.asRoot("apt-get install linux-image-amd64 && reboot"))
        case .failure(let error):
            let (why, remedy) = refusal(machine, error)
            return topic.missing(
                "refused: \(why)",
                consequence: "cells with ioengine=io_uring do not run; psync cells do", fix: remedy
            )
        }
    }

    private static let names: [(flag: Ring.Flags, name: String)] = [
        (.singleIssuer, "SINGLE_ISSUER"), (.coopTaskrun, "COOP_TASKRUN"),
        (.deferTaskrun, "DEFER_TASKRUN"),
    ]

    /// Tells the sysctl, a seccomp filter and a kernel without io_uring apart.
    private static func refusal(_ machine: ExaminedMachine, _ error: Errno) -> (String, Remedy) {
        let disabled = machine.integer("/proc/sys/kernel/io_uring_disabled")
        // The sysctl shows that the kernel has io_uring (Linux 6.6); a filter may hide it.
        let isFiltered =
            disabled != nil || machine.field("Seccomp", in: "/proc/self/status") == "2"
        switch (error, disabled ?? 0) {
        case (.notPermitted, 1...):
            return (
                "kernel.io_uring_disabled is \(disabled ?? 0)",
                machine.asRoot("sysctl -w kernel.io_uring_disabled=0")
            )
        case _ where error == .notPermitted || error == .noFunction && isFiltered:
            return (
                "a seccomp filter answers \(error == .noFunction ? "ENOSYS" : "EPERM")",
                .advice("start the container with: docker run --security-opt seccomp=unconfined")
            )
        case (.noFunction, _):
            return (
                "not in this kernel (ENOSYS)",
                ExaminedMachine.otherKernel(with: "CONFIG_IO_URING")
            )
        case (.noMemory, _):
            return (
                "the limit of locked memory is too low (ENOMEM)",
                machine.asRoot("prlimit --pid $$ --memlock=unlimited")
            )
        default:
            return ("\(error)", .advice("see the kernel log: dmesg | tail"))
        }
    }
}
