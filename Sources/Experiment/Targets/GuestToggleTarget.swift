// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Protocol

/// One guest that boots anew each round, and whose knobs tell the arms apart.
///
/// Both arms run one image on one machine. The agent in the guest turns the knobs between slices,
/// while all workers are parked and no pressure runs.
package struct GuestToggleTarget: Target {
    /// Both arms are this guest.
    package var armsShareMachine: Bool { true }
    /// The guest, when it was lost in this round, and the arm that it was then.
    package var loss: Loss? { guest.loss.map { Loss(arm: lastArm, error: $0) } }

    private let settings: KnobSettings
    private var knobs: KnobTurns
    private var guest: RoundGuest
    /// The greeting of the guest that came up before the first round.
    private var greeted: Hello?
    private var lastArm = Arm.a

    /// A guest that is not started yet.
    ///
    /// - Parameter report: is called with what happens.
    package init(
        _ plan: Plan, on machine: GuestMachine,
        isInterrupted: @escaping @Sendable () -> Bool,
        report: @escaping @Sendable (ProgressEvent) -> Void
    ) {
        let all = plan.comparison?.knobs.map { Knob($0) } ?? []
        settings = KnobSettings(all)
        knobs = KnobTurns(all, restoresCommands: false)
        guest = RoundGuest(machine, isInterrupted: isInterrupted, report: report)
    }

    /// Boots the guest and turns each knob to both values once, so that one that does not work is
    /// found before anything is measured. The first round uses this boot.
    package mutating func greeting() async throws(PlumblineError) -> Hello {
        let hello = try await guest.boot()
        for arm in [Arm.b, .a] where guest.loss == nil { try await turn(to: arm) }
        if let loss { throw loss.error }
        guard let hello else { throw .failure("the guest did not greet") }
        greeted = hello
        return hello
    }

    /// Boots the guest, and begins on the first arm's side.
    package mutating func open(
        round: Int, arms: [Arm]
    ) async throws(PlumblineError) -> [Arm: Hello] {
        guest.beginRound()
        lastArm = arms.first ?? .a
        var hello = greeted.take()
        if hello == nil { hello = try await guest.boot() }
        guard let hello else { return [:] }
        _ = try await select(lastArm)
        return [.a: hello, .b: hello]
    }

    /// Turns the knobs to the arm's side, unless they are there.
    package mutating func select(_ arm: Arm) async throws(PlumblineError) -> [Arm: Hello] {
        lastArm = arm
        if knobs.side != arm { try await turn(to: arm) }
        return [:]
    }

    private mutating func turn(to arm: Arm) async throws(PlumblineError) {
        guard let order = knobs.order(to: arm) else { return }
        let answer = try await guest.order { (driver) async throws(PlumblineError) in
            try await driver.turn(order)
        }
        switch answer {
        case .done: knobs.side = arm
        case .interrupted: throw PlumblineError(.interrupted, "interrupted while switching")
        case .failed(let error), .lost(let error), .unfit(let error):
            if guest.loss == nil { throw error.at(guest.machine.agent.name ?? "the guest") }
        }
    }

    /// The cell with the arm's values of those knobs that are its settings.
    package func cell(_ cell: CellPlan, on arm: Arm) throws(PlumblineError) -> CellPlan {
        try settings.setting(cell, arm)
    }

    /// Has the agent prepare a cell, with the knobs at the arm's values.
    package mutating func prepare(
        _ order: PrepareOrder, on arm: Arm
    ) async throws(PlumblineError) -> AgentDriver.Answer<Void> {
        try await guest.order { (driver) async throws(PlumblineError) in
            try await driver.prepare(order)
        }
    }

    /// Has the agent measure a slice; a knob that somebody changed is turned again before the next.
    package mutating func measure(
        _ order: SliceOrder, on arm: Arm
    ) async throws(PlumblineError) -> AgentDriver.Answer<SliceRecord> {
        let answer = try await guest.order { (driver) async throws(PlumblineError) in
            try await driver.measure(order)
        }
        if case .done(let slice) = answer { knobs.notice(slice) }
        return answer
    }

    /// Has the agent end a visit.
    package mutating func release(
        _ order: ReleaseOrder, on arm: Arm
    ) async throws(PlumblineError) -> VisitRecord? { try await guest.release(order) }

    /// Ends the guest.
    package mutating func close() async -> Loss? {
        await guest.end()
        (knobs.side, greeted) = (nil, nil)
        return loss
    }
}
