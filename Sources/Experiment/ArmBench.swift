// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Protocol

/// Where the arms of a comparison run: switches to either, and has slices run there.
protocol ArmBench {
    /// Whether both arms run in one agent, so that what one warms up is warm for the other.
    var armsShareAgent: Bool { get }
    /// Whether a signal came.
    var isInterrupted: Bool { get }
    /// The arm whose agent is gone or unfit and is not replaced within the round, and why.
    var loss: ArmLoss? { get }

    /// Whether an arm can be turned to without a boot.
    func isUp(_ arm: Arm) -> Bool

    /// Makes an arm ready for its next slice.
    ///
    /// - Returns: whether its agent is a new one, to which every cell is cold.
    /// - Throws: what keeps the arm from being ready.
    mutating func turn(to arm: Arm) async throws(PlumblineError) -> Bool

    /// A cell as it runs on an arm.
    func plan(_ cell: CellPlan, on arm: Arm) throws(PlumblineError) -> CellPlan

    /// Has a slice run on the arm that was turned to.
    mutating func perform(
        _ order: SliceOrder, on arm: Arm
    ) async throws(PlumblineError) -> AgentDriver.Answer

    /// Has the agents put everything back and end.
    mutating func end() async
}

/// An arm that cannot go on.
struct ArmLoss: Sendable {
    var arm: Arm
    var error: PlumblineError
}
