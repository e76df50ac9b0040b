// SPDX-License-Identifier: GPL-3.0-or-later

/// One slice to run with the resident workers of a visit.
public struct SliceOrder: Codable, Sendable, Equatable {
    /// The controller's number for this order; comes back with the result.
    public var order: Int
    /// The visit whose workers run it.
    public var visit: Int
    /// The name of the visit's cell.
    public var cell: String
    /// Which slice of this cell and arm this is, from 0.
    public var number: Int
    /// The measured part, nanoseconds.
    public var duration: Int
    /// Before it, with the load running and nothing counted, nanoseconds.
    public var guardTime: Int
    /// Seeds offsets and verified data.
    public var seed: UInt64
    /// Pages scanned by direct reclaim a second, the least that counts as pressure; absent when
    /// the controller judges.
    public var pressureThreshold: Double?
    /// Whether the kernel's work is traced while it runs; absent for no. Such a slice counts for no
    /// time.
    public var traces: Bool?

    private enum CodingKeys: String, CodingKey {
        case order, visit, cell, number
        case duration = "duration_ns"
        case guardTime = "guard_ns"
        case seed
        case pressureThreshold = "pressure_threshold"
        case traces
    }

    /// An order.
    public init(
        order: Int, visit: Int, cell: String, number: Int, duration: Int, guardTime: Int,
        seed: UInt64, pressureThreshold: Double? = nil, traces: Bool = false
    ) {
        self.order = order
        self.visit = visit
        self.cell = cell
        self.number = number
        self.duration = duration
        self.guardTime = guardTime
        self.seed = seed
        self.pressureThreshold = pressureThreshold
        self.traces = traces ? true : nil
    }
}
