// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Linux
import Protocol

/// A guest as an agent that a controller can start: its QEMU, which a guardian keeps from outliving
/// this process.
public struct Guest: Sendable {
    /// What it is.
    public var plan: GuestPlan
    /// The agent's executable of this machine, as the guardian.
    public let agent: String
    /// QEMU's executable.
    public let emulator: String
    /// The guest's initramfs.
    public let initramfs: String

    /// A guest.
    public init(plan: GuestPlan, agent: String, emulator: String, initramfs: String) {
        self.plan = plan
        self.agent = agent
        self.emulator = emulator
        self.initramfs = initramfs
    }

    /// The machine in words: `qemu microvm, tcg, 2 CPUs, 1GiB`.
    public var place: String {
        let cpus = plan.cpus == 1 ? "1 CPU" : "\(plan.cpus) CPUs"
        return "qemu \(plan.record.machine), \(plan.accelerator.rawValue), \(cpus), "
            + "\(ByteSize(plan.memory))"
    }

    /// What the guardian is told.
    public func guardianArguments(controller: Int32) -> [String] {
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
    /// Guest time may be slower than the host's, so that the lens `instructions` has more patience;
    /// so has a debug kernel, which says nothing for its first seconds.
    ///
    /// - Parameter counters: whether perf counters shall watch the workers.
    public func configuration(counters: Bool = false) -> AgentConfiguration {
        var configuration = AgentConfiguration(executable: agent)
        var counted = self
        counted.plan.counters = counters || plan.counters
        configuration.arguments = counted.guardianArguments(
            controller: ChildProcess.currentID)
        configuration.name = plan.name
        // What a guest writes to a port without a reader, it waits for.
        configuration.endsInput = false
        let isFast = plan.lens == .wall && !plan.isDebug
        configuration.startTimeout = isFast ? .seconds(10) : .seconds(60)
        if plan.lens == .instructions { configuration.silenceLimit = .seconds(60) }
        let name = plan.name
        configuration.watch = { ConsoleWatch(guest: name) }
        configuration.guest = counted.plan.record
        let plan = plan
        configuration.objection = { hello in Self.objection(to: hello, plan) }
        return configuration
    }

    /// What a guest must not be like.
    static func objection(to hello: Hello, _ plan: GuestPlan) -> PlumblineError? {
        let good = plan.accelerator == .kvm ? ["tsc", "kvm-clock"] : ["tsc"]
        guard good.contains(hello.clockSource) else {
            return .failure(
                "\(plan.name) keeps time by '\(hello.clockSource)', which is slow or imprecise",
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
