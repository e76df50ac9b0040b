// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Kernels
import Linux
import Machine
import Protocol

/// Makes guests that can be started, after it checks what can be checked without booting them.
package struct GuestMaker: Sendable {
    /// QEMU's program for x86-64.
    private static let emulatorName = "qemu-system-x86_64"

    private let agent: String
    private let emulator: String
    private let cache: String
    /// PATH.
    private let searchPath: String

    /// - Parameters:
    ///   - agent: the path of the agent that runs in the guests.
    ///   - environment: PATH for QEMU; HOME or XDG_CACHE_HOME for the cache.
    /// - Throws: `failure` without QEMU.
    package init(agent: String, environment: [String: String]) throws(PlumblineError) {
        self.agent = agent
        cache = try UserCache.root(environment)
        searchPath = environment["PATH"] ?? ""
        let directories = searchPath.split(separator: ":")
        let found = directories.map { "\($0)/\(Self.emulatorName)" }.first(
            where: SystemFile.exists)
        guard let found else {
            throw .failure(
                "\(Self.emulatorName) is not in PATH", remedy: "apt-get install qemu-system-x86")
        }
        emulator = found
    }

    /// Makes the guests of one suite.
    ///
    /// - Parameters:
    ///   - programs: what they carry beside the programs that the suite needs.
    ///   - atATime: how many of them run at the same time; nil for all.
    ///   - accelerator: nil finds out whether KVM works, by a trial boot of the first guest.
    /// - Returns: the guests, and why KVM is not used.
    /// - Throws: `usage` for an image that is not a kernel or lacks an option, for an invalid plan,
    ///   and without enough memory; `failure` without the agent, or when the initramfs cannot be
    ///   made; `interrupted`.
    package func make(
        _ plans: [GuestPlan], for suite: SuiteRecord, programs: Set<GuestProgram> = [],
        atATime: Int? = nil, accelerator: Accelerator? = nil,
        isInterrupted: @escaping @Sendable () -> Bool
    ) async throws(PlumblineError) -> (guests: [Guest], notUsed: String?) {
        guard (try? Descriptor.open(agent).facts().kind) == .regular else {
            throw .failure(
                "the agent \(agent) is not a program",
                remedy: "leave --agent out, or give .build/release/plumbline-agent as "
                    + "`make build` makes it")
        }
        var contents = InitramfsContents(agent: agent, for: suite)
        contents.programs = try ProgramContents(
            for: suite, searchPath: ProgramFiles.places(path: searchPath))
        contents.helpers.formUnion(programs)
        for plan in plans {
            try plan.check()
            try plan.check(holds: contents.programs.size)
            try GuestImage.check(plan.image, nodes: plan.nodes, programs: contents.helpers)
        }
        try GuestPlan.check(Array(plans.prefix(atATime ?? plans.count)), budget: try .read())
        let initramfs = try Initramfs.make(contents, cache: cache)
        for path in [initramfs] + plans.map(\.image) { try CacheUse.hold(path, in: cache) }
        var choice: AcceleratorProbe.Choice = (accelerator ?? .tcg, nil)
        if accelerator == nil, let plan = plans.first {
            choice = try await AcceleratorProbe(cache: cache, isInterrupted: isInterrupted)
                .choose(guest(plan, initramfs))
        }
        var guests: [Guest] = []
        let frequency = FastClock.timestampKilohertz()
        let host = GuestRecord.Host(
            cpuModel: SystemTree.live.cpuModel, cpus: (try? CPUSet.allowed().count) ?? 1,
            memory: SystemTree.live.memory("MemTotal") ?? 0)
        for var plan in plans {
            plan.accelerator = choice.accelerator
            plan.timestampKilohertz = frequency
            plan.host = host
            try plan.check()
            guests.append(guest(plan, initramfs))
        }
        return (guests, choice.reason)
    }

    private func guest(_ plan: GuestPlan, _ initramfs: String) -> Guest {
        Guest(plan: plan, agent: agent, emulator: emulator, initramfs: initramfs)
    }
}
