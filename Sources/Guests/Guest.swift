// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Kernels
import Linux
import Protocol

/// A guest that can be started as an agent: QEMU under a guardian, which ends it with this process.
package struct Guest: Sendable {
    package var plan: GuestPlan
    /// The path of the agent on this machine, which is the guardian.
    let agent: String
    /// The path of QEMU.
    let emulator: String
    /// The path of the guest's initramfs.
    let initramfs: String

    /// The machine in words: `qemu microvm, tcg, 2 CPUs, 1GiB`.
    package var place: String {
        let cpus = plan.cpus == 1 ? "1 CPU" : "\(plan.cpus) CPUs"
        return "qemu \(plan.record.machine), \(plan.accelerator.rawValue), \(cpus), "
            + "\(ByteSize(plan.memory))"
    }

    /// The same guest with another layout of its kernel.
    package func booting(_ image: KernelImage) -> Guest {
        var guest = self
        guest.plan.image = image.path
        guest.plan.name = "the guest \(image.title)"
        return guest
    }

    func guardianArguments(controller: Int32) -> [String] {
        var words = ["--guardian", "\(controller)"]
        if !plan.pins.isEmpty {
            words += ["--pin", plan.pins.map { "\($0)" }.joined(separator: ",")]
        }
        if let rest = plan.emulatorCPUs { words += ["--pin-rest", "\(rest)"] }
        for size in plan.drives { words += ["--scratch", "\(size):\(plan.driveDirectory)"] }
        return words + ["--", emulator] + plan.arguments(initramfs: initramfs)
    }

    /// The guest as a controller's agent.
    ///
    /// A guest that counts instructions is slower than its clock, and a debug kernel writes nothing
    /// in its first seconds: both get longer timeouts.
    ///
    /// - Parameter counters: whether perf counters watch the workers.
    package func configuration(counters: Bool = false) -> AgentConfiguration {
        var guest = self
        guest.plan.counters = counters || plan.counters
        let plan = guest.plan
        var configuration = AgentConfiguration(executable: agent)
        configuration.arguments = guest.guardianArguments(controller: ChildProcess.currentID)
        configuration.name = plan.name
        // A guest waits for a reader of what it writes to its port.
        configuration.endsInput = false
        let isFast = plan.metric == .time && !plan.isDebug
        configuration.startTimeout = isFast ? .seconds(10) : .seconds(60)
        if plan.metric == .instructions { configuration.silenceLimit = .seconds(60) }
        // A clock that counts instructions has nothing to do with this machine's.
        configuration.checksClock = plan.metric != .instructions
        configuration.watch = { ConsoleWatch(guest: plan.name) }
        configuration.guest = plan.record
        configuration.objection = { hello in Self.objection(to: hello, plan) }
        return configuration
    }

    /// The error for a guest whose clock or CPUs are not as planned.
    static func objection(to hello: Hello, _ plan: GuestPlan) -> PlumblineError? {
        let good = plan.accelerator == .kvm ? ["tsc", "kvm-clock"] : ["tsc"]
        guard good.contains(hello.clockSource) else {
            return .failure(
                "\(plan.name) uses the clock source '\(hello.clockSource)', which is slow or "
                    + "imprecise",
                remedy: "boot a kernel that can use the TSC, with tsc=reliable")
        }
        guard hello.cpus == plan.cpus else {
            return .failure(
                "\(plan.name) has \(hello.cpus) of its \(plan.cpus) CPUs",
                remedy: "build its kernel with CONFIG_SMP, CONFIG_X86_MPPARSE and "
                    + "CONFIG_NR_CPUS of at least \(plan.cpus)")
        }
        return nil
    }
}
