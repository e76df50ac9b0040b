// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Protocol
import Verdicts

/// Two machines that reboot: each boots the kernel of one arm, and half way through each round they
/// swap kernels.
///
/// Slices alternate between the machines while both are up. Over a round each kernel has run on
/// each machine, so that what the machines differ by cancels.
package struct CrossoverTarget: Target {
    /// Each arm is up on a machine of its own.
    package var armsShareMachine: Bool { false }
    /// A machine may run its default kernel before the first boot.
    package var greetsFromAnyKernel: Bool { true }
    /// Why the round is void: the loss of one machine.
    package var loss: Loss? { machines.first.loss ?? machines.second.loss }
    /// The boots of the kernels that are up, each with its machine.
    package var boots: [Arm: BootRecord] {
        var boots: [Arm: BootRecord] = [:]
        for (machine, address) in zip([machines.first, machines.second], addresses) {
            for (arm, var boot) in machine.boots {
                boot.host = address
                boots[arm] = boot
            }
        }
        return boots
    }

    private var machines: (first: RebootTarget, second: RebootTarget)
    private let addresses: [String]
    /// The arms that the machines boot until they swap.
    private var arms: [Arm] = []
    /// What the arms' kernels were at their first boots, on whichever machine.
    private var kernels: [Arm: (hello: Hello, address: String)] = [:]

    /// Two machines that are not reached yet.
    ///
    /// - Parameters:
    ///   - addresses: the machines' own, without users, in their order.
    ///   - rounds: those of the journal that is gone on with.
    package init(
        _ first: RebootTarget, _ second: RebootTarget, addresses: [String],
        rounds: [RoundRecord] = []
    ) {
        machines = (first, second)
        self.addresses = addresses
        for round in rounds {
            for (arm, hello) in round.hosts where kernels[arm] == nil {
                kernels[arm] = (hello, round.boots?[arm]?.host ?? "")
            }
        }
    }

    /// Reaches both machines; the journal's header names the first.
    package mutating func greeting() async throws(PlumblineError) -> Hello {
        let hello = try await machines.first.greeting()
        _ = try await machines.second.greeting()
        return hello
    }

    /// Boots both machines at the same time, the first one into the kernel of the first arm.
    ///
    /// - Throws: `usage` when the machines have different kernels under one name; `interrupted`.
    package mutating func open(
        round: Int, arms: [Arm]
    ) async throws(PlumblineError) -> [Arm: Hello] {
        self.arms = arms
        _ = try await machines.first.open(round: round, arms: arms)
        _ = try await machines.second.open(round: round, arms: arms)
        await RebootTarget.begin(&machines, arms: arms)
        var hosts = try await machines.first.select(arms[0])
        guard loss == nil else { return [:] }
        hosts.merge(try await machines.second.select(arms[1])) { first, _ in first }
        for (arm, address) in zip(arms, addresses) {
            if let hello = hosts[arm] { try check(hello, of: arm, on: address) }
        }
        return hosts
    }

    /// Whether the kernel of an arm is the one that it was before, be it on the other machine.
    private mutating func check(
        _ hello: Hello, of arm: Arm, on address: String
    ) throws(PlumblineError) {
        guard let known = kernels[arm] else {
            kernels[arm] = (hello, address)
            return
        }
        guard !known.hello.isSameKernel(as: hello) else { return }
        throw .usage(
            "\(known.address) and \(address) booted different kernels for arm \(arm): "
                + "\(known.hello.kernel), and \(hello.kernel)",
            remedy: "install the same image on both; expect: in the target files finds another one")
    }

    /// Nothing: both kernels are up.
    package mutating func select(_ arm: Arm) async throws(PlumblineError) -> [Arm: Hello] { [:] }

    /// The cell as it is: the arms differ in their kernels.
    package func cell(_ cell: CellPlan, on arm: Arm) throws(PlumblineError) -> CellPlan { cell }

    /// Has the arm's agent prepare a cell.
    package mutating func prepare(
        _ order: PrepareOrder, on arm: Arm
    ) async throws(PlumblineError) -> AgentDriver.Answer<Void> {
        if arm == arms.first { return try await machines.first.prepare(order, on: arm) }
        return try await machines.second.prepare(order, on: arm)
    }

    /// Has the arm's agent measure a slice.
    package mutating func measure(
        _ order: SliceOrder, on arm: Arm
    ) async throws(PlumblineError) -> AgentDriver.Answer<SliceRecord> {
        if arm == arms.first { return try await machines.first.measure(order, on: arm) }
        return try await machines.second.measure(order, on: arm)
    }

    /// Has the arm's agent end a visit.
    package mutating func release(
        _ order: ReleaseOrder, on arm: Arm
    ) async throws(PlumblineError) -> VisitRecord? {
        if arm == arms.first { return try await machines.first.release(order, on: arm) }
        return try await machines.second.release(order, on: arm)
    }

    /// Ends both agents and connections; the machines stay in the kernels that they run.
    package mutating func close() async -> Loss? {
        _ = await machines.first.close()
        _ = await machines.second.close()
        return loss
    }
}
