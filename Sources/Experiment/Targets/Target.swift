// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Protocol

/// A way to reach the kernels of an experiment: one machine, a pair of guests, a machine whose
/// knobs are switched.
///
/// The runner calls, in this order: `greeting`; then for each round `open`, any number of `select`,
/// `prepare`, `measure` and `release`, and `close`. A new way is one file here that conforms.
package protocol Target {
    /// Whether both arms are one machine, so that what one arm warms up is warm for the other.
    var armsShareMachine: Bool { get }
    /// The arm whose machine is gone or unfit and is not replaced within the round, and why.
    var loss: Loss? { get }

    /// The boots of the machines that `select` returned last, by arm; empty for guests.
    var boots: [Arm: BootRecord] { get }
    /// Whether the kernel or the machine that greets may be one that is not measured: the kernels
    /// of the arms are then checked at their boots only.
    var greetsFromAnyKernel: Bool { get }

    /// The machine that the journal's header names.
    ///
    /// - Throws: `failure` when no agent greets; `interrupted`.
    mutating func greeting() async throws(PlumblineError) -> Hello

    /// Begins a round: boots what has to be up for all of it.
    ///
    /// - Parameter arms: in the order in which they boot.
    /// - Returns: the machines that came up, by arm; `loss` says which one did not.
    /// - Throws: `interrupted`.
    mutating func open(round: Int, arms: [Arm]) async throws(PlumblineError) -> [Arm: Hello]

    /// Makes an arm ready for its next slice.
    ///
    /// - Returns: the machines that came up for it, to which every cell is cold.
    /// - Throws: what keeps the arm from being ready.
    mutating func select(_ arm: Arm) async throws(PlumblineError) -> [Arm: Hello]

    /// A cell as it runs on an arm.
    ///
    /// - Throws: `usage` when the arm cannot have the cell.
    func cell(_ cell: CellPlan, on arm: Arm) throws(PlumblineError) -> CellPlan

    /// Has a cell prepared on the arm that was selected; its workers are parked then.
    mutating func prepare(
        _ order: PrepareOrder, on arm: Arm
    ) async throws(PlumblineError) -> AgentDriver.Answer<Void>

    /// Has a slice of the prepared cell run on the arm that was selected.
    mutating func measure(
        _ order: SliceOrder, on arm: Arm
    ) async throws(PlumblineError) -> AgentDriver.Answer<SliceRecord>

    /// Ends what `prepare` began.
    ///
    /// - Returns: the visit's record; nil when it had ended before.
    mutating func release(
        _ order: ReleaseOrder, on arm: Arm
    ) async throws(PlumblineError) -> VisitRecord?

    /// Undoes every change and ends the machines; doing it twice does no harm.
    ///
    /// - Returns: what makes worthless all that the round measured; nil when it counts.
    mutating func close() async -> Loss?
}

extension Target {
    /// None: the target boots guests, or nothing.
    package var boots: [Arm: BootRecord] { [:] }
    /// No: what greets is what is measured, or what guests run on.
    package var greetsFromAnyKernel: Bool { false }
}

/// An arm that cannot go on.
package struct Loss: Sendable {
    /// The arm.
    package var arm: Arm
    /// Why.
    package var error: PlumblineError
}
