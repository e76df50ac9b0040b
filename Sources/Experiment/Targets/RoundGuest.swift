// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Protocol

/// A guest that can be booted, or a machine that ssh reaches: one arm's, or that of both.
package struct GuestMachine: Sendable {
    /// The kernel's name.
    package var label: String
    /// Where it runs, in words.
    package var place: String
    /// Where its configuration deviates from a distribution's, and why.
    package var deviations: [String]
    /// Its address, or `local`, where it is a machine as it runs and no guest; else nil.
    package var host: String?
    /// How its agent is started.
    package var agent: AgentConfiguration
    /// The same with the kernel's other layouts, from the first one that is not plain.
    package var relinked: [AgentConfiguration] = []

    /// A machine.
    package init(
        label: String, place: String, deviations: [String] = [], host: String? = nil,
        agent: AgentConfiguration
    ) {
        self.label = label
        self.place = place
        self.deviations = deviations
        self.host = host
        self.agent = agent
    }
}

/// A guest that boots anew each round, with its agent while it is up. A machine that ssh reaches does
/// not boot: its agent starts anew, over a new connection where the old one is lost.
struct RoundGuest {
    let machine: GuestMachine
    /// Why it cannot go on in this round.
    private(set) var loss: PlumblineError?

    /// The arm that it is; nil for both.
    private let arm: Arm?
    private let isInterrupted: @Sendable () -> Bool
    private let report: @Sendable (ProgressEvent) -> Void
    private var driver: AgentDriver?
    /// The way to the machine that is up; nil for a guest.
    private var route: (any AgentRoute)?
    private var layout = 0

    /// A guest that is not started yet.
    init(
        _ machine: GuestMachine, arm: Arm? = nil,
        isInterrupted: @escaping @Sendable () -> Bool,
        report: @escaping @Sendable (ProgressEvent) -> Void
    ) {
        self.machine = machine
        self.arm = arm
        self.isInterrupted = isInterrupted
        self.report = report
    }

    /// Whether it was booted and not ended.
    var isUp: Bool { driver != nil }

    /// Forgets what became of the round before.
    ///
    /// - Parameter layout: the number of the kernel's layout in this round.
    mutating func beginRound(layout: Int = 0) {
        loss = nil
        self.layout = layout
    }

    /// Boots it.
    ///
    /// - Returns: its greeting; nil when it did not come up, and `loss` says why.
    /// - Throws: `interrupted`.
    mutating func boot() async throws(PlumblineError) -> Hello? {
        let (report, lead) = (report, arm.map { "\($0): " } ?? "")
        let suffix = machine.relinked.isEmpty ? "" : " layout \(layout)"
        if machine.host == nil { report(.booting(arm: arm, label: machine.label + suffix)) }
        var agent = layout == 0 ? machine.agent : machine.relinked[layout - 1]
        do throws(PlumblineError) {
            if let route = agent.route { agent = try await route.reach() }
        } catch {
            if error.kind == .interrupted { throw error }
            loss = error
            return nil
        }
        route = agent.route
        var driver = AgentDriver(
            agent, isInterrupted: isInterrupted,
            note: { report(.note(lead + $0)) }, onInterruption: { report(.interrupted) })
        do throws(PlumblineError) {
            let hello = try await driver.greeting()
            self.driver = driver
            return hello
        } catch {
            await driver.end()
            if error.kind == .interrupted { throw error }
            loss = await route?.loss() ?? error
            return nil
        }
    }

    /// Gives its agent an order, and notes the guest's loss where the answer tells of one.
    mutating func order<Value>(
        _ give: (inout AgentDriver) async throws(PlumblineError) -> AgentDriver.Answer<Value>
    ) async throws(PlumblineError) -> AgentDriver.Answer<Value> {
        guard var driver else { throw .failure("the guest \(machine.label) is not up") }
        defer { self.driver = driver }
        let answer = try await give(&driver)
        // Its first error tells why: later ones say that it is gone.
        switch answer {
        case .failed(let error) where driver.isGone:
            // Of a machine as it runs, neither a lost connection nor an agent that is killed is the
            // cell's fault.
            if machine.host != nil {
                let lost = await route?.loss() ?? error
                loss = loss ?? lost
                return .unfit(lost)
            }
            loss = loss ?? error
        case .unfit(let error): loss = loss ?? error
        default: break
        }
        return answer
    }

    /// Has its agent end a visit.
    mutating func release(_ order: ReleaseOrder) async throws(PlumblineError) -> VisitRecord? {
        guard isUp else { return nil }
        let answer = try await self.order { (driver) async throws(PlumblineError) in
            try await driver.release(order)
        }
        guard case .done(let visit) = answer else { return nil }
        return visit
    }

    /// Ends it; doing it twice does no harm.
    mutating func end() async {
        guard var driver = driver.take() else { return }
        await driver.end()
        if loss == nil { loss = driver.complaint }
    }
}
