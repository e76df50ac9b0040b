// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Linux
import Protocol

/// Each arm in a machine of its own; both are up at the same time, or one after the other.
struct PairBench: ArmBench {
    /// What came of booting both.
    enum Boot: Sendable {
        /// They greeted.
        case up(RoundRecord)
        /// One did not.
        case lost(ArmLoss)
        /// A signal came.
        case interrupted
    }

    private let targets: [Arm: ArmTarget]
    private let signalled: @Sendable () -> Bool
    private let report: @Sendable (RunProgress) -> Void
    private var drivers: [Arm: AgentDriver] = [:]
    private(set) var loss: ArmLoss?
    /// The kernels that the arms had first.
    private var kernels: [Arm: Hello]

    /// A bench with nothing booted yet.
    init(
        _ targets: [Arm: ArmTarget], kernels: [Arm: Hello] = [:],
        isInterrupted: @escaping @Sendable () -> Bool,
        report: @escaping @Sendable (RunProgress) -> Void
    ) {
        self.targets = targets
        self.kernels = kernels
        signalled = isInterrupted
        self.report = report
    }

    var armsShareAgent: Bool { false }
    func isUp(_ arm: Arm) -> Bool { drivers[arm] != nil }
    var isInterrupted: Bool { signalled() }

    /// Begins a round, in which nothing is lost yet.
    mutating func begin() { loss = nil }

    /// Boots arms, one after the other.
    mutating func boot(_ arms: [Arm], round: Int) async -> Boot {
        var hosts: [Arm: Hello] = [:]
        for arm in arms {
            guard let target = targets[arm] else { continue }
            let report = report
            report(.booting(arm: arm, label: target.label))
            var driver = AgentDriver(
                target.configuration, isInterrupted: signalled,
                report: { notice in
                    if case .note(let text) = notice {
                        report(.note("\(arm): \(text)"))
                    } else {
                        report(RunProgress(notice))
                    }
                })
            do throws(PlumblineError) {
                let hello = try await driver.greeting()
                try check(hello, arm)
                hosts[arm] = hello
                drivers[arm] = driver
            } catch {
                await driver.end()
                if error.kind == .interrupted { return .interrupted }
                let loss = ArmLoss(arm: arm, error: error)
                self.loss = loss
                return .lost(loss)
            }
        }
        return .up(
            RoundRecord(
                round: round, first: arms[0], hosts: hosts,
                at: Clock.realtimeNanoseconds()))
    }

    /// Refuses another kernel than the arm had in an earlier round.
    private mutating func check(_ hello: Hello, _ arm: Arm) throws(PlumblineError) {
        guard let known = kernels[arm] else {
            kernels[arm] = hello
            return
        }
        guard known.buildID == hello.buildID, known.kernelVersion == hello.kernelVersion,
            known.kernelRelease == hello.kernelRelease
        else {
            throw .failure(
                "the kernel of arm \(arm) is another one than in earlier rounds: "
                    + "\(hello.kernelRelease) \(hello.kernelVersion)",
                remedy: "leave its image alone while it is measured, or start a new journal")
        }
    }

    mutating func turn(to arm: Arm) async throws(PlumblineError) -> Bool { false }

    func plan(_ cell: CellPlan, on arm: Arm) throws(PlumblineError) -> CellPlan { cell }

    mutating func perform(
        _ order: SliceOrder, on arm: Arm
    ) async throws(PlumblineError) -> AgentDriver.Answer {
        guard var driver = drivers[arm] else {
            throw .failure("arm \(arm) is not up")
        }
        let answer = try await driver.perform(order)
        drivers[arm] = driver
        switch answer {
        case .failed(let error) where driver.isGone: loss = ArmLoss(arm: arm, error: error)
        case .unfit(let error): loss = ArmLoss(arm: arm, error: error)
        default: break
        }
        return answer
    }

    mutating func end() async {
        for arm in Arm.allCases {
            guard var driver = drivers.removeValue(forKey: arm) else { continue }
            await driver.end()
            if let complaint = driver.complaint, loss == nil {
                loss = ArmLoss(arm: arm, error: complaint)
            }
        }
    }
}
