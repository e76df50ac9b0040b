// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// A slice's counts, its place and whether it counts: all that a verdict asks of it.
///
/// A journal's line of the kind `slice`; the rest of the slice is in the line behind it.
public struct SliceSummary: Sendable, Equatable {
    /// The cell's name.
    public var cell = ""
    /// The cell's place in the suite.
    public var place = 0
    /// The arm; absent where there is only one.
    public var arm: Arm?
    /// Which slice of this cell and arm this is, from 0.
    public var number = 0
    /// The visit it belongs to, counted per cell from 0.
    public var visit = 0
    /// The block of four slices it belongs to, from 0; absent where there are no arms.
    public var block: Int?
    /// The round of boots it belongs to, from 0; absent where all ran in one boot.
    public var round: Int?
    /// Its place in the block, 0 to 3.
    public var position: Int?
    /// Whether its block is a warm-up, which never counts.
    public var isWarmup = false
    /// CLOCK_REALTIME when the gate opened, nanoseconds since 1970.
    public var startedAt: UInt64 = 0
    /// Operations of the tracks that make the cell's rate.
    public var operations: UInt64 = 0
    /// Bytes that those operations moved.
    public var bytes: UInt64 = 0
    /// The time measured, nanoseconds.
    public var interval: UInt64 = 0
    /// Instructions that the kernel executed for the workers, where they were counted.
    public var instructions: UInt64?
    /// Times that somebody who wanted memory had to reclaim it first, where there was pressure.
    public var stalls: UInt64?
    /// Times that a worker itself had to, where its kernel keeps the trace.
    public var workerStalls: UInt64?
    /// How long those took in all, microseconds.
    public var workerStallTime: UInt64?
    /// Times that a worker had to when it allocated the structure of a request, where its kernel
    /// keeps the stacks.
    public var requestReclaims: UInt64?
    /// Why the slice is void, each with a detail in words; absent when it counts.
    var void: [String: String]?
    /// Where in the journal its detail is; nil when that line was torn.
    var detail: Range<Int>?

    /// Why the slice is void; empty when it counts.
    public var reasons: [String: String] {
        get { void ?? [:] }
        set { void = newValue.isEmpty ? nil : newValue }
    }
    /// Whether the slice counts.
    public var isValid: Bool { void == nil }
    /// Whether the journal has the rest of it.
    public var hasDetail: Bool { detail != nil }

    /// Nothing as yet.
    init() {}

    /// What a record says in short.
    ///
    /// - Parameter place: the place of the record's cell in the suite.
    public init(_ slice: SliceRecord, place: Int = 0) {
        let workers = slice.evidence.workers
        cell = slice.cell
        self.place = place
        arm = slice.arm
        number = slice.number
        visit = slice.visit
        block = slice.block
        round = slice.round
        position = slice.position
        isWarmup = slice.warmup == true
        startedAt = slice.startedAt
        operations = slice.operations
        bytes = slice.bytes
        interval = slice.interval
        instructions = slice.evidence.kernelInstructions
        stalls = slice.pressure.proof["allocstall"].flatMap(UInt64.init(exactly:))
        workerStalls = workers["reclaim_stalls"].flatMap(UInt64.init(exactly:))
        workerStallTime = workers["reclaim_stall_us"].flatMap(UInt64.init(exactly:))
        requestReclaims = workers["request_reclaims"].flatMap(UInt64.init(exactly:))
        void = slice.validity.isValid ? nil : slice.validity.reasons
    }

    /// Operations a second over the measured interval; `nil` when nothing ran.
    public var rate: Double? {
        interval > 0 ? Double(operations) / Double(interval) * 1e9 : nil
    }
    /// Bytes a second over the measured interval; `nil` when nothing ran.
    public var bandwidth: Double? { interval > 0 ? Double(bytes) / Double(interval) * 1e9 : nil }
}
