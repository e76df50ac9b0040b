// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Statistics

/// A published claim on a cell, held against what was measured.
public struct ClaimVerdict: Sendable, Equatable {
    /// How a measurement stands to a claim.
    public enum Answer: String, Sendable, Codable {
        /// An improvement was shown, of a size that may be the one claimed.
        case confirmed
        /// An improvement was shown that is larger than what was claimed.
        case exceeded
        /// The whole interval lies below what was claimed.
        case contradicted
        /// Neither.
        case open
    }

    /// The claim.
    public let claim: ComparisonRecord.Claim
    /// How the measurement stands to it.
    public let answer: Answer

    /// Holds a judged cell against a claim. One on the rate is on time: counts of instructions leave
    /// it open.
    init(_ claim: ComparisonRecord.Claim, _ cell: CellVerdict) {
        self.claim = claim
        answer =
            switch claim {
            case _ where cell.outcome == .invalid: .open
            case .change(let low, let high): Self.answer(cell, low: low, high: high)
            case .noStalls: Self.answer(ofNoStallsIn: cell)
            }
    }

    private static func answer(_ cell: CellVerdict, low: Double, high: Double) -> Answer {
        guard let interval = cell.interval, cell.metric != .instructions else { return .open }
        if interval.upper < low { return .contradicted }
        guard cell.outcome == .improved else { return .open }
        return interval.lower > high ? .exceeded : .confirmed
    }

    /// One stall contradicts. None confirms where five slices of the other kernel had some: as many
    /// by chance on one side alone have p = 1/32.
    private static func answer(ofNoStallsIn cell: CellVerdict) -> Answer {
        let stalled = cell.arms.map(\.total.stalledSlices)
        guard let a = stalled[0], let b = stalled[1] else { return .open }
        if b > 0 { return .contradicted }
        return a >= 5 ? .confirmed : .open
    }
}
