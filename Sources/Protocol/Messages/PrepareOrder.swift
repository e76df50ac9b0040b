// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A cell to prepare: its workers stay resident, parked, until the visit is released.
public struct PrepareOrder: Codable, Sendable, Equatable {
    /// The controller's number for this order; comes back with the answer.
    public var order: Int
    /// The number by which later orders name this visit.
    public var visit: Int
    /// What to prepare.
    public var cell: CellPlan
    /// Seeds the data that the visit's workers hold.
    public var seed: UInt64
    /// How many visits of such a cell are resident at the same time.
    public var residents: Int
    /// Bytes of the buffers that all of these hold, which a memory limit must leave room for; absent
    /// for this visit's own.
    public var bufferBytes: Int?
    /// The most workers that one of these has, beside which hogs are placed; absent for this visit's
    /// own.
    public var workers: Int?
    /// CPUs that settings give to workers of any of these, as the kernel's list; absent for this
    /// visit's own.
    public var workerCPUs: String?
    /// Whether slices count only with the kernel's instructions counted; absent for no.
    public var countsInstructions: Bool?
    /// Whether slices will be traced, which needs memory before hogs take it; absent for no.
    public var traces: Bool?

    private enum CodingKeys: String, CodingKey {
        case order, visit, cell, seed, residents
        case bufferBytes = "buffer_bytes"
        case workers
        case workerCPUs = "worker_cpus"
        case countsInstructions = "counts_instructions"
        case traces
    }

    /// An order.
    public init(
        order: Int, visit: Int, cell: CellPlan, seed: UInt64, residents: Int = 1,
        bufferBytes: Int? = nil, countsInstructions: Bool = false
    ) {
        self.order = order
        self.visit = visit
        self.cell = cell
        self.seed = seed
        self.residents = residents
        self.bufferBytes = bufferBytes
        self.countsInstructions = countsInstructions ? true : nil
    }
}

/// A visit to end.
public struct ReleaseOrder: Codable, Sendable, Equatable {
    /// The controller's number for this order; comes back with the answer.
    public var order: Int
    /// The visit.
    public var visit: Int

    /// An order.
    public init(order: Int, visit: Int) {
        self.order = order
        self.visit = visit
    }
}
