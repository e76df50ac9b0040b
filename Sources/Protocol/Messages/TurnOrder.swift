// SPDX-License-Identifier: GPL-3.0-or-later

/// Knobs that get a value, all at once, while no slice runs.
public struct TurnOrder: Codable, Sendable, Equatable {
    /// A knob and its value.
    public struct Knob: Codable, Sendable, Equatable {
        /// The way it is switched; a cell's setting is in its `PrepareOrder` instead.
        public var kind: KnobKind
        /// The file's path; `sh` for a command.
        public var target: String
        /// The value, or the command.
        public var value: String
        /// The command that the agent runs when it ends; absent for none.
        public var last: String?

        /// A knob.
        public init(kind: KnobKind, target: String, value: String, last: String? = nil) {
            self.kind = kind
            self.target = target
            self.value = value
            self.last = last
        }
    }

    /// The controller's number for this order; comes back with the answer.
    public var order: Int
    /// The knobs, in the order in which they are turned.
    public var knobs: [Knob]

    /// An order.
    public init(order: Int, knobs: [Knob]) {
        self.order = order
        self.knobs = knobs
    }
}
