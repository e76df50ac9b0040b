// SPDX-License-Identifier: GPL-3.0-or-later

/// A probe to run, while no cell is prepared.
public struct ProbeOrder: Codable, Sendable, Equatable {
    /// The controller's number for this order; comes back with the answer.
    public var order: Int
    /// The probe's name.
    public var probe: String
    /// Seeds the data that is moved.
    public var seed: UInt64

    /// An order.
    public init(order: Int, probe: String, seed: UInt64) {
        self.order = order
        self.probe = probe
        self.seed = seed
    }
}
