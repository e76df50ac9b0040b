// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// A slice's counts, its place and whether it counts: all that a verdict asks of it.
///
/// A journal's line of the kind `slice`; the rest of the slice is in the line behind it.
public struct SliceSummary: Sendable, Equatable {
    /// The cell's name.
    public var cell = ""
    /// Its numbers, as its line has them.
    var words = Words()
    /// Why the slice is void, each with a detail in words; absent when it counts.
    var void: [String: String]?
    private var detailStart = 0
    private var detailLength: Int32 = 0
    private var cellPlace: Int32 = 0

    /// The cell's place in the suite.
    public var place: Int {
        get { Int(cellPlace) }
        set { cellPlace = Int32(clamping: newValue) }
    }
    /// Where in the journal its detail is; nil when that line was torn.
    var detail: Range<Int>? {
        get { detailLength > 0 ? detailStart..<detailStart + Int(detailLength) : nil }
        set {
            detailStart = newValue?.lowerBound ?? 0
            detailLength = Int32(clamping: newValue?.count ?? 0)
        }
    }

    /// The arm; absent where there is only one.
    public var arm: Arm? { words.arm }
    /// Which slice of this cell and arm this is, from 0.
    public var number: Int { Int(words.number) }
    /// The visit it belongs to, counted per cell from 0.
    public var visit: Int { Int(words.visit) }
    /// The block of four slices it belongs to, from 0; absent where there are no arms.
    public var block: Int? { words.block.value() }
    /// The round of boots it belongs to, from 0; absent where all ran in one boot.
    public var round: Int? { words.round.value() }
    /// Its place in the block, 0 to 3.
    public var position: Int? { words.position.value() }
    /// Whether its block is a warm-up, which never counts.
    public var isWarmup: Bool { words.isWarmup }
    /// CLOCK_REALTIME when the gate opened, nanoseconds since 1970.
    public var startedAt: UInt64 { words.startedAt }
    /// Operations of the tracks that make the cell's rate.
    public var operations: UInt64 { words.operations }
    /// Bytes that those operations moved.
    public var bytes: UInt64 { words.bytes }
    /// The time measured, nanoseconds.
    public var interval: UInt64 { words.interval }
    /// Instructions that the kernel executed for the workers, where they were counted.
    public var instructions: UInt64? {
        get { words.instructions.value() }
        set { words.instructions = Packed(newValue) }
    }
    /// Times that somebody who wanted memory had to reclaim it first, where there was pressure.
    public var stalls: UInt64? { words.stalls.value() }
    /// Times that a worker itself had to, where its kernel keeps the trace.
    public var workerStalls: UInt64? { words.workerStalls.value() }
    /// How long those took in all, microseconds.
    public var workerStallTime: UInt64? { words.workerStallTime.value() }
    /// Times that a worker had to when it allocated the structure of a request, where its kernel
    /// keeps the stacks.
    public var requestReclaims: UInt64? { words.requestReclaims.value() }

    /// The metric that is judged, where a foreign program has one, in its unit.
    public var value: Double? { words.value?.number }

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

    /// Writes or reads its numbers and where its detail is, for `PackedSlices`.
    mutating func pass<Coder: WordCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try words.pass(&coder)
        try coder.pass(&detailStart)
        try coder.pass(&detailLength)
    }

    /// What a record says in short.
    ///
    /// - Parameter place: the place of the record's cell in the suite.
    public init(_ slice: SliceRecord, place: Int = 0) {
        cell = slice.cell
        cellPlace = Int32(clamping: place)
        words = Words(slice)
        void = slice.validity.isValid ? nil : slice.validity.reasons
    }

    /// Operations a second over the measured interval; `nil` when nothing ran.
    public var rate: Double? {
        interval > 0 ? Double(operations) / Double(interval) * 1e9 : nil
    }
    /// Bytes a second over the measured interval; `nil` when nothing ran.
    public var bandwidth: Double? { interval > 0 ? Double(bytes) / Double(interval) * 1e9 : nil }
}
