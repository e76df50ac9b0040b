// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Linux
import Protocol

/// One machine, whose knobs tell the arms apart; without a knob there is one arm. It is this one, a
/// guest, or one that ssh reaches.
///
/// This process switches the knobs of this machine, and the agent those of another one. Where the
/// connection is lost, so is the agent, and the experiment ends with an error; it can be resumed.
package struct MachineTarget: Target {
    /// Both arms are this machine.
    package var armsShareMachine: Bool { true }
    /// An agent that dies is replaced, so that none is lost within the round.
    package var loss: Loss? { nil }

    private let settings: KnobSettings
    private let knobs: KnobSwitch?
    private var turns: KnobTurns?
    private let configuration: AgentConfiguration
    private let isInterrupted: @Sendable () -> Bool
    private let report: @Sendable (ProgressEvent) -> Void
    private var driver: AgentDriver?

    /// A machine that is not touched yet.
    ///
    /// - Parameters:
    ///   - undoLogs: the directory that keeps the knobs' old values on record.
    ///   - report: is called with what happens.
    /// - Throws: `usage` for a knob whose file is missing or cannot be written.
    package init(
        _ plan: Plan, agent: AgentConfiguration, undoLogs: String? = nil,
        isInterrupted: @escaping @Sendable () -> Bool,
        report: @escaping @Sendable (ProgressEvent) -> Void
    ) throws(PlumblineError) {
        let knobs = plan.comparison?.knobs.map { Knob($0) } ?? []
        settings = KnobSettings(knobs)
        let isHere = agent.route == nil
        self.knobs =
            knobs.isEmpty || !isHere
            ? nil : try KnobSwitch(knobs, undoLogs: undoLogs ?? agent.stateDirectory)
        turns = knobs.isEmpty || isHere ? nil : KnobTurns(knobs, restoresCommands: true)
        var configuration = agent
        if plan.countsInstructions {
            configuration.objection = InstructionCounting.objection(on: agent.route?.machine)
        }
        self.configuration = configuration
        self.isInterrupted = isInterrupted
        self.report = report
    }

    /// Starts the agent, then switches each knob to both values once: the agent restores the knobs
    /// should this process be killed.
    package mutating func greeting() async throws(PlumblineError) -> Hello {
        let report = report
        var driver = AgentDriver(
            configuration, isInterrupted: isInterrupted, note: { report(.note($0)) },
            onInterruption: { report(.interrupted) })
        do throws(PlumblineError) {
            let hello = try await driver.greeting()
            self.driver = driver
            try knobs?.rehearse()
            for arm in [Arm.b, .a] { try await turn(to: arm) }
            return hello
        } catch {
            if self.driver == nil { self.driver = driver }
            throw error
        }
    }

    private mutating func turn(to arm: Arm) async throws(PlumblineError) {
        guard let order = turns?.order(to: arm), driver != nil else { return }
        switch try await driver!.turn(order) {
        case .done: turns?.side = arm
        case .interrupted: throw PlumblineError(.interrupted, "interrupted while switching")
        case .failed(let error), .lost(let error), .unfit(let error):
            throw error.at(configuration.route?.machine ?? "the agent")
        }
    }

    /// Throws where an order failed because the connection is lost: that is not the cell's fault.
    /// Nor need an agent's death be, unless a guest's kernel died with it.
    private mutating func requireConnection<Value>(
        _ answer: AgentDriver.Answer<Value>
    ) async throws(PlumblineError) -> AgentDriver.Answer<Value> {
        guard let driver else { return answer }
        switch answer {
        case .failed(let error) where driver.isGone:
            if let loss = await configuration.route?.loss() { throw loss }
            guard configuration.watch == nil else { return answer }
            do throws(PlumblineError) {
                try driver.checkDeaths()
            } catch let tooMany {
                report(.note(error.message))
                throw tooMany
            }
            return .lost(error)
        case .unfit(let error) where configuration.watch != nil:
            // What a living guest with a wrong clock measured does not count.
            guard driver.isGone else { throw await fault(error) }
            do throws(PlumblineError) {
                try driver.checkDeaths()
            } catch let tooMany {
                // The guest's own error says more, and comes last.
                report(.note(tooMany.message))
                throw error
            }
            return .lost(error)
        default: return answer
        }
    }

    /// Ends a guest that an order showed to be broken.
    ///
    /// - Returns: what its console says; else the order's error.
    private mutating func fault(_ error: PlumblineError) async -> PlumblineError {
        await driver?.end()
        return driver?.complaint ?? error
    }

    /// Nothing: the machine is up.
    package mutating func open(
        round: Int, arms: [Arm]
    ) async throws(PlumblineError) -> [Arm: Hello] { [:] }

    /// Replaces an agent that died, and switches the knobs.
    package mutating func select(_ arm: Arm) async throws(PlumblineError) -> [Arm: Hello] {
        let hello = try await driver?.revive()
        if hello != nil { turns?.side = nil }
        try knobs?.turn(to: arm)
        if let turns, turns.side != arm { try await turn(to: arm) }
        return hello.map { [arm: $0] } ?? [:]
    }

    /// The cell with the arm's values of those knobs that are its settings.
    package func cell(_ cell: CellPlan, on arm: Arm) throws(PlumblineError) -> CellPlan {
        try settings.setting(cell, arm)
    }

    /// Has the agent prepare a cell, with the knobs at the arm's values.
    package mutating func prepare(
        _ order: PrepareOrder, on arm: Arm
    ) async throws(PlumblineError) -> AgentDriver.Answer<Void> {
        guard driver != nil else { throw .failure("the agent is not started") }
        let answer = try await driver!.prepare(order)
        return try await requireConnection(answer)
    }

    /// Has the agent measure a slice.
    package mutating func measure(
        _ order: SliceOrder, on arm: Arm
    ) async throws(PlumblineError) -> AgentDriver.Answer<SliceRecord> {
        guard driver != nil else { throw .failure("the agent is not started") }
        let change = knobs?.change
        var answer = try await driver!.measure(order)
        if case .done(var slice) = answer {
            driver!.forgetDeaths()
            turns?.notice(slice)
            if let change = change ?? knobs?.change {
                slice.validity.reasons[Validity.Reason.knobChanged.rawValue] = change
                answer = .done(slice)
            }
        }
        return try await requireConnection(answer)
    }

    /// Has the agent end a visit.
    package mutating func release(
        _ order: ReleaseOrder, on arm: Arm
    ) async throws(PlumblineError) -> VisitRecord? {
        // An agent that is gone is replaced when an arm is selected.
        guard driver?.isGone == false else { return nil }
        switch try await driver!.release(order) {
        case .done(let visit): return visit
        case .failed(let error), .lost(let error), .unfit(let error):
            guard configuration.watch == nil else { throw await fault(error) }
            report(.note(error.message))
        case .interrupted: break
        }
        return nil
    }

    /// Ends the agent and puts the knobs back.
    package mutating func close() async -> Loss? {
        await driver?.end()
        for notice in knobs?.restore() ?? [] { report(.note(notice)) }
        return driver?.complaint.map { Loss(arm: .a, error: $0) }
    }
}
