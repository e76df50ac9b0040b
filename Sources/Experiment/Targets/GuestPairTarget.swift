// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Protocol

/// Two machines, one an arm: guests that boot anew each round, both up at the same time or one after
/// the other; or two machines that ssh reaches, whose agents start anew each round.
package struct GuestPairTarget: Target {
    /// Each arm is a machine of its own.
    package var armsShareMachine: Bool { false }
    /// Whether ssh reaches the machines: the one that greets is not measured then.
    package let greetsFromAnyKernel: Bool
    /// The guest that was lost in this round.
    package var loss: Loss? {
        for arm in Arm.allCases {
            if let error = self[arm].loss { return Loss(arm: arm, error: error) }
        }
        return nil
    }

    private let host: AgentConfiguration
    private let alternates: Bool
    private let schedule: Schedule?
    private let isInterrupted: @Sendable () -> Bool
    private let report: @Sendable (ProgressEvent) -> Void
    private var a: RoundGuest
    private var b: RoundGuest

    /// Two machines that are not started yet.
    ///
    /// - Parameters:
    ///   - host: an agent on this machine, which the journal's header names.
    ///   - alternates: whether only one of them is up at a time.
    ///   - schedule: says which layout a kernel has in a round; nil where each has one.
    ///   - report: is called with what happens.
    package init(
        a: GuestMachine, b: GuestMachine, host: AgentConfiguration, alternates: Bool,
        schedule: Schedule? = nil, isInterrupted: @escaping @Sendable () -> Bool,
        report: @escaping @Sendable (ProgressEvent) -> Void
    ) {
        self.a = RoundGuest(a, arm: .a, isInterrupted: isInterrupted, report: report)
        self.b = RoundGuest(b, arm: .b, isInterrupted: isInterrupted, report: report)
        greetsFromAnyKernel = a.host != nil
        self.host = host
        self.alternates = alternates
        self.schedule = schedule
        self.isInterrupted = isInterrupted
        self.report = report
    }

    private subscript(arm: Arm) -> RoundGuest {
        get { arm == .a ? a : b }
        set { if arm == .a { a = newValue } else { b = newValue } }
    }

    /// Starts an agent on this machine for its greeting alone.
    package mutating func greeting() async throws(PlumblineError) -> Hello {
        let report = report
        return try await AgentDriver.greeting(
            of: host, isInterrupted: isInterrupted, note: { report(.note($0)) })
    }

    /// Boots both, where both are up at the same time.
    package mutating func open(
        round: Int, arms: [Arm]
    ) async throws(PlumblineError) -> [Arm: Hello] {
        for arm in arms {
            self[arm].beginRound(layout: schedule?.layout(round: round, arm: arm) ?? 0)
        }
        return alternates ? [:] : try await boot(arms)
    }

    /// Boots the arm unless it is up; where one is up at a time, the other one is ended first.
    package mutating func select(_ arm: Arm) async throws(PlumblineError) -> [Arm: Hello] {
        guard !self[arm].isUp else { return [:] }
        if alternates, await close() != nil { return [:] }
        return try await boot([arm])
    }

    private mutating func boot(_ arms: [Arm]) async throws(PlumblineError) -> [Arm: Hello] {
        var hosts: [Arm: Hello] = [:]
        for arm in arms {
            guard let hello = try await self[arm].boot() else { break }
            hosts[arm] = hello
        }
        return hosts
    }

    /// The cell as it is: the arms differ in their kernels.
    package func cell(_ cell: CellPlan, on arm: Arm) throws(PlumblineError) -> CellPlan { cell }

    /// Has the arm's agent prepare a cell.
    package mutating func prepare(
        _ order: PrepareOrder, on arm: Arm
    ) async throws(PlumblineError) -> AgentDriver.Answer<Void> {
        try await self[arm].order { (driver) async throws(PlumblineError) in
            try await driver.prepare(order)
        }
    }

    /// Has the arm's agent measure a slice.
    package mutating func measure(
        _ order: SliceOrder, on arm: Arm
    ) async throws(PlumblineError) -> AgentDriver.Answer<SliceRecord> {
        try await self[arm].order { (driver) async throws(PlumblineError) in
            try await driver.measure(order)
        }
    }

    /// Has the arm's agent end a visit.
    package mutating func release(
        _ order: ReleaseOrder, on arm: Arm
    ) async throws(PlumblineError) -> VisitRecord? { try await self[arm].release(order) }

    /// Ends the guests that are up.
    package mutating func close() async -> Loss? {
        for arm in Arm.allCases { await self[arm].end() }
        return loss
    }
}
