// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Protocol

/// Two machines, one an arm, that boot anew each round: both up at the same time, or one after the
/// other.
package struct GuestPairTarget: Target {
    /// One arm's machine.
    package struct Machine: Sendable {
        /// The kernel's name.
        package var label: String
        /// Where it runs, in words.
        package var place: String
        /// Where its configuration deviates from a distribution's, and why.
        package var deviations: [String]
        /// How its agent is started.
        package var agent: AgentConfiguration

        /// A machine.
        package init(
            label: String, place: String, deviations: [String] = [], agent: AgentConfiguration
        ) {
            self.label = label
            self.place = place
            self.deviations = deviations
            self.agent = agent
        }
    }

    /// Each arm is a machine of its own.
    package var armsShareMachine: Bool { false }
    /// The guest that was lost in this round.
    package private(set) var loss: Loss?

    private let machines: [Arm: Machine]
    private let host: AgentConfiguration
    private let alternates: Bool
    private let isInterrupted: @Sendable () -> Bool
    private let report: @Sendable (ProgressEvent) -> Void
    private var drivers: [Arm: AgentDriver] = [:]

    /// Two machines that are not started yet.
    ///
    /// - Parameters:
    ///   - host: an agent on this machine, which the journal's header names.
    ///   - alternates: whether only one of them is up at a time.
    ///   - report: is called with what happens.
    package init(
        a: Machine, b: Machine, host: AgentConfiguration, alternates: Bool,
        isInterrupted: @escaping @Sendable () -> Bool,
        report: @escaping @Sendable (ProgressEvent) -> Void
    ) {
        machines = [.a: a, .b: b]
        self.host = host
        self.alternates = alternates
        self.isInterrupted = isInterrupted
        self.report = report
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
        loss = nil
        return alternates ? [:] : try await boot(arms)
    }

    /// Boots the arm unless it is up; where one is up at a time, the other one is ended first.
    package mutating func select(_ arm: Arm) async throws(PlumblineError) -> [Arm: Hello] {
        guard drivers[arm] == nil else { return [:] }
        if alternates, await close() != nil { return [:] }
        return try await boot([arm])
    }

    private mutating func boot(_ arms: [Arm]) async throws(PlumblineError) -> [Arm: Hello] {
        var hosts: [Arm: Hello] = [:]
        for arm in arms {
            guard let machine = machines[arm] else { continue }
            let report = report
            report(.booting(arm: arm, label: machine.label))
            var driver = AgentDriver(
                machine.agent, isInterrupted: isInterrupted,
                note: { report(.note("\(arm): \($0)")) }, onInterruption: { report(.interrupted) })
            do throws(PlumblineError) {
                hosts[arm] = try await driver.greeting()
                drivers[arm] = driver
            } catch {
                await driver.end()
                if error.kind == .interrupted { throw error }
                loss = Loss(arm: arm, error: error)
                return hosts
            }
        }
        return hosts
    }

    /// The cell as it is: the arms differ in their kernels.
    package func cell(_ cell: CellPlan, on arm: Arm) throws(PlumblineError) -> CellPlan { cell }

    /// Has the arm's agent prepare a cell.
    package mutating func prepare(
        _ order: PrepareOrder, on arm: Arm
    ) async throws(PlumblineError) -> AgentDriver.Answer<Void> {
        guard drivers[arm] != nil else { throw .failure("arm \(arm) is not up") }
        return noting(try await drivers[arm]!.prepare(order), on: arm)
    }

    /// Has the arm's agent measure a slice.
    package mutating func measure(
        _ order: SliceOrder, on arm: Arm
    ) async throws(PlumblineError) -> AgentDriver.Answer<SliceRecord> {
        guard drivers[arm] != nil else { throw .failure("arm \(arm) is not up") }
        return noting(try await drivers[arm]!.measure(order), on: arm)
    }

    /// Has the arm's agent end a visit.
    package mutating func release(
        _ order: ReleaseOrder, on arm: Arm
    ) async throws(PlumblineError) -> VisitRecord? {
        guard drivers[arm] != nil,
            case .done(let visit) = noting(try await drivers[arm]!.release(order), on: arm)
        else { return nil }
        return visit
    }

    /// Notes the arm's loss, where an answer tells of one.
    private mutating func noting<Value>(
        _ answer: AgentDriver.Answer<Value>, on arm: Arm
    ) -> AgentDriver.Answer<Value> {
        switch answer {
        case .failed(let error) where drivers[arm]?.isGone != false:
            loss = Loss(arm: arm, error: error)
        case .unfit(let error): loss = Loss(arm: arm, error: error)
        default: break
        }
        return answer
    }

    /// Ends the guests that are up.
    package mutating func close() async -> Loss? {
        for arm in Arm.allCases {
            guard var driver = drivers.removeValue(forKey: arm) else { continue }
            await driver.end()
            if let complaint = driver.complaint, loss == nil {
                loss = Loss(arm: arm, error: complaint)
            }
        }
        return loss
    }
}
