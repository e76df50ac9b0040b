// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// One slice to run.
public struct SliceOrder: Codable, Sendable, Equatable {
    /// The controller's number for this order; comes back with the result.
    public var order: Int
    /// What to run.
    public var cell: CellPlan
    /// Which visit of the cell this is, from 0.
    public var visit: Int
    /// The measured part, nanoseconds.
    public var duration: Int
    /// Before it, with the load running and nothing counted, nanoseconds.
    public var guardTime: Int
    /// Seeds offsets and verified data.
    public var seed: UInt64
    /// Pages scanned by direct reclaim a second, the least that counts as pressure; absent when
    /// the controller judges.
    public var pressureThreshold: Double?
    /// Whether the slice counts only with the kernel's instructions counted; absent for no.
    public var countsInstructions: Bool?

    private enum CodingKeys: String, CodingKey {
        case order, cell, visit
        case duration = "duration_ns"
        case guardTime = "guard_ns"
        case seed
        case pressureThreshold = "pressure_threshold"
        case countsInstructions = "counts_instructions"
    }

    /// An order.
    public init(
        order: Int, cell: CellPlan, visit: Int, duration: Int, guardTime: Int, seed: UInt64,
        pressureThreshold: Double? = nil, countsInstructions: Bool = false
    ) {
        self.order = order
        self.cell = cell
        self.visit = visit
        self.duration = duration
        self.guardTime = guardTime
        self.seed = seed
        self.pressureThreshold = pressureThreshold
        self.countsInstructions = countsInstructions ? true : nil
    }
}
