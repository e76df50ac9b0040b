// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// A slice's counts, its place and whether it counts: all that a verdict asks of it.
public struct SliceSummary: Sendable, Equatable {
    /// The cell's place in the suite.
    public var cell: Int
    /// The arm; absent where there is only one.
    public var arm: Arm?
    /// Which visit of this cell and arm this is, from 0.
    public var visit: Int
    /// The block of four slices it belongs to, from 0; absent where there are no arms.
    public var block: Int?
    /// The round of boots it belongs to, from 0; absent where all ran in one boot.
    public var round: Int?
    /// Its place in the block, 0 to 3.
    public var position: Int?
    /// Whether its block is a warm-up.
    public var isWarmup: Bool
    /// Operations of the tracks that make the cell's rate.
    public var operations: UInt64
    /// Bytes that those operations moved.
    public var bytes: UInt64
    /// The time measured, nanoseconds.
    public var interval: UInt64
    /// Instructions that the kernel executed for the workers, where they were counted.
    public var instructions: UInt64?
    /// CPU time that the hypervisor took, in ticks (1/100 s), where known.
    public var steal: Int64?
    /// Times that somebody who wanted memory had to reclaim it first, where there was pressure.
    public var stalls: UInt64?
    /// Times that a worker itself had to, where its kernel keeps the trace.
    public var workerStalls: UInt64?
    /// How long those took in all, microseconds.
    public var workerStallTime: UInt64?
    /// Why the slice is void, each with a detail in words; empty when it counts.
    public var reasons: [String: String]

    /// Whether the slice counts.
    public var isValid: Bool { reasons.isEmpty }

    /// What a record says in short.
    ///
    /// - Parameter cell: the place of the record's cell in the suite.
    public init(_ slice: SliceRecord, cell: Int) {
        self.init(cell: cell)
        arm = slice.arm
        visit = slice.visit
        block = slice.block
        round = slice.round
        position = slice.position
        isWarmup = slice.warmup ?? false
        operations = slice.operations
        bytes = slice.bytes
        interval = slice.interval
        instructions = slice.evidence.kernelInstructions
        steal = slice.evidence.cpu["steal"]
        stalls = slice.pressure.proof["allocstall"].flatMap(UInt64.init(exactly:))
        let workers = slice.evidence.workers
        workerStalls = workers["reclaim_stalls"].flatMap(UInt64.init(exactly:))
        workerStallTime = workers["reclaim_stall_us"].flatMap(UInt64.init(exactly:))
        reasons = slice.validity.reasons
    }

    init(cell: Int) {
        self.cell = cell
        visit = 0
        isWarmup = false
        operations = 0
        bytes = 0
        interval = 0
        reasons = [:]
    }
}
