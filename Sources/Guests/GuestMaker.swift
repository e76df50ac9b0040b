// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Kernels
import Linux
import Machine
import Protocol

/// Makes guests that can be started, and checks beforehand what can be checked.
public struct GuestMaker: Sendable {
    /// QEMU's program for x86-64.
    public static let emulatorName = "qemu-system-x86_64"

    private let agent: String
    private let emulator: String
    private let cache: String

    /// A maker of guests whose agent is this executable.
    ///
    /// - Parameter environment: PATH finds QEMU; HOME or XDG_CACHE_HOME what is kept.
    /// - Throws: `failure` without QEMU, with the package to install.
    public init(agent: String, environment: [String: String]) throws(PlumblineError) {
        self.agent = agent
        cache = try UserCache.root(environment)
        let directories = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let found = directories.map { "\($0)/\(Self.emulatorName)" }.first {
            SystemFile.exists($0)
        }
        guard let found else {
            throw .failure(
                "there is no \(Self.emulatorName) in PATH",
                remedy: "apt-get install qemu-system-x86")
        }
        emulator = found
    }

    /// Guests for one suite that will run at the same time, each ready to be started.
    ///
    /// - Parameters:
    ///   - atATime: how many of them are up at the same time; nil for all.
    ///   - told: the accelerator to use; nil finds out whether KVM works, by a trial boot of the
    ///     first guest.
    /// - Returns: the guests, and why KVM is not used.
    /// - Throws: `usage` for an image that is no kernel or lacks an option, for a plan that cannot
    ///   be, and without the memory; `failure` without the agent, or when the initramfs cannot be
    ///   made; `interrupted`.
    public func make(
        _ plans: [GuestPlan], for suite: SuiteRecord, atATime: Int? = nil,
        accelerator told: Accelerator? = nil,
        isInterrupted: @escaping @Sendable () -> Bool
    ) async throws(PlumblineError) -> (guests: [Guest], notUsed: String?) {
        guard (try? Descriptor.open(agent).facts().kind) == .regular else {
            throw .failure(
                "the agent \(agent) is no program that can be run",
                remedy: "leave --agent out, or give what `make build` leaves: "
                    + ".build/release/plumbline-agent")
        }
        for plan in plans {
            try plan.check()
            try GuestImage.check(plan.image, nodes: plan.nodes)
        }
        try MachineMemory.check(Array(plans.prefix(atATime ?? plans.count)), budget: try .read())
        let initramfs = try Initramfs.make(
            InitramfsContents(agent: agent, for: suite), cache: cache)
        for path in [initramfs] + plans.map(\.image) { try CacheUse.hold(path, in: cache) }
        var choice = AcceleratorChoice(told ?? .tcg)
        if told == nil, let plan = plans.first {
            choice = try await AcceleratorProbe(cache: cache, isInterrupted: isInterrupted)
                .choose(guest(plan, initramfs))
        }
        var guests: [Guest] = []
        let frequency = FastClock.timestampKilohertz()
        for var plan in plans {
            plan.accelerator = choice.accelerator
            plan.timestampKilohertz = frequency
            try plan.check()
            guests.append(guest(plan, initramfs))
        }
        return (guests, choice.reason)
    }

    private func guest(_ plan: GuestPlan, _ initramfs: String) -> Guest {
        Guest(plan: plan, agent: agent, emulator: emulator, initramfs: initramfs)
    }
}
