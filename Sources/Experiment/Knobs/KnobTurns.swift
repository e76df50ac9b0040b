// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// The knobs of a toggle that an agent turns on its own machine, and where they are.
struct KnobTurns: Sendable {
    private let knobs: [Knob]
    private let restoresCommands: Bool
    /// The arm to which all knobs are turned; nil where that is not certain.
    var side: Arm?
    private var turns = 0

    /// Those of all knobs that are no settings of cells.
    ///
    /// - Parameter restoresCommands: whether the agent runs the commands of arm A when it ends, for
    ///   a machine that lives on.
    init(_ knobs: [Knob], restoresCommands: Bool) {
        self.knobs = knobs.filter { $0.kind != .setting }
        self.restoresCommands = restoresCommands
    }

    /// The order that turns the knobs to an arm; nil where there are none.
    mutating func order(to arm: Arm) -> TurnOrder? {
        guard !knobs.isEmpty else { return nil }
        side = nil
        turns += 1
        return TurnOrder(
            order: turns,
            knobs: knobs.map { knob in
                TurnOrder.Knob(
                    kind: knob.kind, target: knob.target, value: knob.value(arm),
                    last: restoresCommands && knob.kind == .command ? knob.a : nil)
            })
    }

    /// Forgets where the knobs are after a slice during which somebody changed one.
    mutating func notice(_ slice: SliceRecord) {
        if slice.validity.reasons[Validity.Reason.knobChanged.rawValue] != nil { side = nil }
    }
}
