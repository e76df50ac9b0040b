// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A visit as it ended: one cell on one arm while its workers were resident.
public struct VisitRecord: Codable, Sendable, Equatable {
    /// The cell's name.
    public var cell: String
    /// The arm; absent where there is only one.
    public var arm: Arm?
    /// Which visit of this cell this is, from 0.
    public var visit: Int
    /// The round of boots it belongs to, from 0; absent where all ran in one boot.
    public var round: Int?
    /// How long preparing took, nanoseconds.
    public var setUpTime: UInt64
    /// All of the kernel's counters from the parked workers to their end.
    ///
    /// Where both arms are one machine, what the other arm's slices did meanwhile is in it.
    public var evidence: EvidenceRecord

    private enum CodingKeys: String, CodingKey {
        case cell, arm, visit, round
        case setUpTime = "setup_ns"
        case evidence
    }

    /// A visit's record.
    public init(cell: String, visit: Int, setUpTime: UInt64, evidence: EvidenceRecord) {
        self.cell = cell
        self.visit = visit
        self.setUpTime = setUpTime
        self.evidence = evidence
    }
}
