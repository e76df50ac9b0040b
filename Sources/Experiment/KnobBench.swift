// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Protocol

/// Both arms in one agent on this machine, told apart by knobs.
struct KnobBench: ArmBench {
    private let settings: KnobSettings
    private let knobs: KnobSwitch
    private var driver: AgentDriver

    /// A bench whose agent was started.
    init(_ knobs: [Knob], switch: KnobSwitch, driver: AgentDriver) {
        settings = KnobSettings(knobs)
        self.knobs = `switch`
        self.driver = driver
    }

    var armsShareAgent: Bool { true }
    func isUp(_ arm: Arm) -> Bool { true }
    var isInterrupted: Bool { driver.isInterrupted() }
    var loss: ArmLoss? { nil }

    /// Waits for the agent's greeting.
    mutating func greeting() async throws(PlumblineError) -> Hello { try await driver.greeting() }

    mutating func turn(to arm: Arm) async throws(PlumblineError) -> Bool {
        let isNew = try await driver.revive()
        try knobs.turn(to: arm)
        return isNew
    }

    func plan(_ cell: CellPlan, on arm: Arm) throws(PlumblineError) -> CellPlan {
        try settings.setting(cell, arm)
    }

    mutating func perform(
        _ order: SliceOrder, on arm: Arm
    ) async throws(PlumblineError) -> AgentDriver.Answer { try await driver.perform(order) }

    mutating func end() async { await driver.end() }
}
