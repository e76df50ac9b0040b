// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// One timed run of one cell on one arm: everything that was measured, and whether it counts.
///
/// Times are nanoseconds, sizes bytes. What is absent was not measured; nothing is filled with 0.
public struct SliceRecord: Codable, Sendable, Equatable {
    /// The cell's name.
    public var cell: String
    /// The arm; absent where there is only one.
    public var arm: Arm?
    /// Which slice of this cell and arm this is, from 0.
    public var number: Int
    /// The visit it belongs to, counted per cell from 0: its workers were resident.
    public var visit: Int
    /// The block of four slices it belongs to, counted per cell from 0, those of warm-ups and
    /// void ones included; absent where there are no arms.
    public var block: Int?
    /// The round of boots it belongs to, from 0; absent where all ran in one boot.
    public var round: Int?
    /// Its place in the block, 0 to 3.
    public var position: Int?
    /// Whether its block is a warm-up, which never counts; absent where it is none.
    public var warmup: Bool?
    /// CLOCK_REALTIME when the gate opened, nanoseconds since 1970.
    public var startedAt: UInt64
    /// Operations of the tracks that make the cell's rate.
    public var operations: UInt64
    /// Bytes that those operations moved.
    public var bytes: UInt64
    /// The metric that is judged, where a foreign program has one, in its unit.
    public var value: Double?
    /// The program's other metrics, by name.
    public var told: [String: Double]?
    /// The time in which so many operations are done at the sum of the workers' rates, each from its
    /// own first operation's start to its last one's end.
    public var interval: UInt64
    /// What each kind of operation did: `write` and `read`, or `splice`.
    public var tracks: [String: TrackRecord]
    /// What reading back the data showed; absent without `verify`.
    public var verification: VerificationRecord?
    /// The pressure under which the slice ran, and its proof.
    public var pressure: PressureRecord
    /// The kernel's own counters over the slice.
    public var evidence: EvidenceRecord
    /// Whether the slice counts, and why not.
    public var validity: Validity
    /// What the kernel was seen to do; absent where it was not traced. A journal keeps it in lines of
    /// its own.
    public var mechanism: MechanismRecord?

    private enum CodingKeys: String, CodingKey {
        case cell, arm, number, visit, block, round, position, warmup
        case startedAt = "started_at_ns"
        case operations, bytes, value, told
        case interval = "interval_ns"
        case tracks, verification, pressure, evidence, validity, mechanism
    }

    /// A slice's record.
    public init(
        cell: String, arm: Arm? = nil, number: Int, visit: Int = 0, block: Int? = nil,
        round: Int? = nil,
        position: Int? = nil, warmup: Bool? = nil, startedAt: UInt64, operations: UInt64,
        bytes: UInt64,
        interval: UInt64, tracks: [String: TrackRecord],
        verification: VerificationRecord? = nil, pressure: PressureRecord,
        evidence: EvidenceRecord, validity: Validity
    ) {
        self.cell = cell
        self.arm = arm
        self.number = number
        self.visit = visit
        self.block = block
        self.round = round
        self.position = position
        self.warmup = warmup
        self.startedAt = startedAt
        self.operations = operations
        self.bytes = bytes
        self.interval = interval
        self.tracks = tracks
        self.verification = verification
        self.pressure = pressure
        self.evidence = evidence
        self.validity = validity
    }

    /// Operations a second over the measured interval; `nil` when nothing ran.
    public var rate: Double? {
        interval > 0 ? Double(operations) / Double(interval) * 1e9 : nil
    }
    /// Bytes a second over the measured interval; `nil` when nothing ran.
    public var bandwidth: Double? { interval > 0 ? Double(bytes) / Double(interval) * 1e9 : nil }
}
