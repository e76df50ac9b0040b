// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A suite with its lists multiplied out: the cells, and how each is measured.
public struct SuiteRecord: Codable, Sendable, Equatable {
    /// The suite's name.
    public var name: String
    /// One line on what it is for.
    public var summary: String
    /// The measured part of a slice, nanoseconds.
    public var slice: Int
    /// Before it, with the load running and nothing counted, nanoseconds.
    public var guardTime: Int
    /// The guard of a cell's first slice, nanoseconds.
    public var warmup: Int
    /// Slices a cell.
    public var slices: Int
    /// Pages scanned by direct reclaim a second, the least that counts as pressure.
    public var pressureThreshold: Double
    /// What is measured, in the suite's order.
    public var cells: [CellPlan]

    private enum CodingKeys: String, CodingKey {
        case name, summary
        case slice = "slice_ns"
        case guardTime = "guard_ns"
        case warmup = "warmup_ns"
        case slices
        case pressureThreshold = "pressure_threshold"
        case cells
    }

    /// A suite.
    public init(
        name: String, summary: String, slice: Int, guardTime: Int, warmup: Int, slices: Int,
        pressureThreshold: Double, cells: [CellPlan]
    ) {
        self.name = name
        self.summary = summary
        self.slice = slice
        self.guardTime = guardTime
        self.warmup = warmup
        self.slices = slices
        self.pressureThreshold = pressureThreshold
        self.cells = cells
    }
}
