// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Protocol
import Remotes

/// One machine that reboots between two kernels: each block spans a pair of boots.
///
/// A boot of another kernel than the arm's, and a machine that does not come back, make the round
/// void. The journal keeps what was measured before, and the next round begins with a new boot.
package struct RebootTarget: Target {
    /// Two kernels, of which only one is up: what one warms up is cold to the other.
    package var armsShareMachine: Bool { false }
    /// The machine may run its default kernel before the first boot.
    package var greetsFromAnyKernel: Bool { true }
    /// Why the round is void.
    package private(set) var loss: Loss?
    /// The boot of the kernel that is up.
    package private(set) var boots: [Arm: BootRecord] = [:]

    private var machine: RebootMachine
    private let kernels: [Arm: BootKernel]
    private let objection: @Sendable (Hello) -> PlumblineError?
    private let isInterrupted: @Sendable () -> Bool
    private let report: @Sendable (ProgressEvent) -> Void
    /// The kernels that the arms had at their first boots.
    private var known: [Arm: BootedKernel] = [:]
    private var guest: RoundGuest?
    private var up: Arm?
    /// A boot that has no agent yet.
    private var start: Start?

    /// A machine that booted a kernel, or did not, before an agent is there.
    struct Start: Sendable {
        var machine: RebootMachine
        var boot: Result<BootRecord, PlumblineError>
    }

    /// A machine that is not reached yet.
    ///
    /// - Parameters:
    ///   - a: the baseline; the same kernel as `b` for a comparison with itself.
    ///   - rounds: those of the journal that is gone on with: a kernel stays the same in all of it.
    ///   - report: is called with what happens.
    package init(
        _ plan: Plan, on machine: RebootMachine, a: BootKernel, b: BootKernel,
        rounds: [RoundRecord] = [], isInterrupted: @escaping @Sendable () -> Bool,
        report: @escaping @Sendable (ProgressEvent) -> Void
    ) {
        self.machine = machine
        kernels = [.a: a, .b: b]
        if plan.countsInstructions {
            objection = InstructionCounting.objection(on: machine.file.host.machine)
        } else {
            objection = { _ in nil }
        }
        self.isInterrupted = isInterrupted
        self.report = report
        let address = machine.file.host.machine
        for round in rounds {
            for (arm, boot) in round.boots ?? [:]
            where known[arm] == nil && boot.host ?? address == address {
                if let hello = round.hosts[arm] { known[arm] = BootedKernel(hello, boot) }
            }
        }
    }

    /// Reaches the machine in whatever kernel it runs, and starts an agent for its greeting alone.
    package mutating func greeting() async throws(PlumblineError) -> Hello {
        try await machine.reach()
        let report = report
        var agent = try await machine.agent()
        agent.objection = objection
        return try await AgentDriver.greeting(
            of: agent, isInterrupted: isInterrupted, note: { report(.note($0)) })
    }

    /// Nothing: each arm boots before its first slice.
    package mutating func open(
        round: Int, arms: [Arm]
    ) async throws(PlumblineError) -> [Arm: Hello] {
        (loss, boots) = (nil, [:])
        return [:]
    }

    /// Boots the arm's kernel, unless this round did.
    ///
    /// - Throws: `usage` when both arms boot the same kernel under two names; `interrupted`.
    package mutating func select(_ arm: Arm) async throws(PlumblineError) -> [Arm: Hello] {
        guard up != arm else { return [:] }
        if start == nil { start = await begin(arm)() }
        do throws(PlumblineError) { return [arm: try await boot(arm)] } catch {
            await end()
            guard error.kind == .failure else {
                // Nothing else shows what an interruption leaves on the machine.
                if error.kind == .interrupted, !error.remedy.isEmpty { report(.note(error.remedy)) }
                throw error
            }
            loss = Loss(arm: arm, error: error)
            return [:]
        }
    }

    /// What boots the arm's kernel, after the agent of the boot before has ended.
    private mutating func begin(_ arm: Arm) async -> @Sendable () async -> Start {
        await end()
        let (machine, kernel, report) = (machine, kernels[arm], report)
        return {
            var machine = machine
            do throws(PlumblineError) {
                guard let kernel else { throw .failure("arm \(arm) has no kernel") }
                report(.booting(arm: arm, label: kernel.name))
                let boot = try await machine.start(kernel)
                return Start(machine: machine, boot: .success(boot))
            } catch { return Start(machine: machine, boot: .failure(error)) }
        }
    }

    /// Boots an arm's kernel on each of two machines at the same time; `select` does the rest.
    static func begin(
        _ pair: inout (first: RebootTarget, second: RebootTarget), arms: [Arm]
    ) async {
        let first = await pair.first.begin(arms[0])
        let second = await pair.second.begin(arms[1])
        async let one = first()
        async let other = second()
        (pair.first.start, pair.second.start) = await (one, other)
    }

    private mutating func boot(_ arm: Arm) async throws(PlumblineError) -> Hello {
        guard let kernel = kernels[arm], let start = start.take() else {
            throw .failure("arm \(arm) has no kernel")
        }
        machine = start.machine
        let record = try start.boot.get()
        var guest = RoundGuest(
            .init(
                label: kernel.name, place: "", host: machine.file.host.machine,
                agent: try await machine.agent()),
            arm: arm, isInterrupted: isInterrupted, report: report)
        guard let hello = try await guest.boot() else {
            throw guest.loss ?? .failure("the agent did not start on \(machine.file.host)")
        }
        self.guest = guest
        if let objection = objection(hello) { throw objection }
        if let bootID = hello.bootID, bootID != record.bootID {
            throw .failure("\(machine.file.host) booted again before its agent started")
        }
        try check(BootedKernel(hello, record), on: arm, against: kernel)
        (up, boots) = (arm, [arm: record])
        return hello
    }

    /// Whether the kernel that runs is the arm's, as the file says and as it was before.
    private mutating func check(
        _ booted: BootedKernel, on arm: Arm, against kernel: BootKernel
    ) throws(PlumblineError) {
        let host = machine.file.host
        let isSame = kernels[.a] == kernels[.b]
        let before = known[arm] ?? (isSame ? known[arm.other] : nil)
        let wanted = booted.difference(from: kernel.expected)
        if let difference = wanted ?? before.flatMap({ booted.difference(from: $0) }) {
            throw .failure(
                "\(host) booted another kernel than \(kernel.name): \(difference)",
                remedy: wanted != nil
                    ? "check the entry and expect: of \(kernel.name) in \(machine.file.place); "
                        + "`plumbline target check` boots each kernel once"
                    : "a machine that crashes, or whose entry is gone, boots its default kernel: "
                        + "see `\(host.login) journalctl --list-boots`")
        }
        known[arm] = booted
        guard !isSame, let other = known[arm.other], booted == other else { return }
        throw .usage(
            "A and B booted the same kernel: \(booted.words), command line '\(booted.commandLine)'",
            remedy: "correct the entries in \(machine.file.place); to compare a kernel with "
                + "itself, give --a and --b the same name")
    }

    /// The cell as it is: the arms differ in their kernels.
    package func cell(_ cell: CellPlan, on arm: Arm) throws(PlumblineError) -> CellPlan { cell }

    /// Has the arm's agent prepare a cell.
    package mutating func prepare(
        _ order: PrepareOrder, on arm: Arm
    ) async throws(PlumblineError) -> AgentDriver.Answer<Void> {
        try await self.order(arm) { (driver) async throws(PlumblineError) in
            try await driver.prepare(order)
        }
    }

    /// Has the arm's agent measure a slice.
    package mutating func measure(
        _ order: SliceOrder, on arm: Arm
    ) async throws(PlumblineError) -> AgentDriver.Answer<SliceRecord> {
        try await self.order(arm) { (driver) async throws(PlumblineError) in
            try await driver.measure(order)
        }
    }

    /// Gives the agent an order. An agent that is gone makes the round void: its machine may have
    /// crashed, or its connection may be cut, and the next boot begins anew in either case.
    private mutating func order<Value>(
        _ arm: Arm,
        _ give: (inout AgentDriver) async throws(PlumblineError) -> AgentDriver.Answer<Value>
    ) async throws(PlumblineError) -> AgentDriver.Answer<Value> {
        guard up == arm, var guest else { throw .failure("arm \(arm) is not up") }
        let answer = try await guest.order(give)
        self.guest = guest
        guard let error = guest.loss else { return answer }
        let host = machine.file.host
        let lost = PlumblineError(
            error.kind, "\(host) with \(kernels[arm]?.name ?? "\(arm)"): \(error.message)",
            remedy: "look for a crash: its console, or `\(host.login) journalctl -b -1`")
        loss = Loss(arm: arm, error: lost)
        return .unfit(lost)
    }

    /// Has the arm's agent end a visit.
    package mutating func release(
        _ order: ReleaseOrder, on arm: Arm
    ) async throws(PlumblineError) -> VisitRecord? { try await guest?.release(order) ?? nil }

    /// Ends the agent and the connection; the machine stays in the kernel that it runs.
    package mutating func close() async -> Loss? {
        await end()
        return loss
    }

    private mutating func end() async {
        if let start = start.take() {
            machine = start.machine
            // Nothing else shows what a boot that nobody waits for leaves on its machine.
            if case .failure(let error) = start.boot, !error.remedy.isEmpty {
                report(.note(error.remedy))
            }
        }
        await guest?.end()
        await machine.hangUp()
        (guest, up) = (nil, nil)
    }
}
