// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Statistics

/// A published claim on a cell, held against what was measured.
public struct ClaimReport: Sendable, Equatable {
    /// How a measurement stands to a claim.
    public enum Standing: String, Sendable, Codable {
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
    public let standing: Standing

    /// Holds a judged cell against a claim. One on the rate is on time: counts of instructions leave
    /// it open.
    init(_ claim: ComparisonRecord.Claim, _ cell: CellReport) {
        self.claim = claim
        standing =
            switch claim {
            case _ where cell.outcome == .invalid: .open
            case .change(let low, let high): Self.standing(low, high, cell)
            case .noStalls: Self.standing(ofNoStallsIn: cell)
            }
    }

    private static func standing(_ low: Double, _ high: Double, _ cell: CellReport) -> Standing {
        guard let interval = cell.interval, cell.metric != .instructions else { return .open }
        if interval.upper < low { return .contradicted }
        guard cell.outcome == .improved else { return .open }
        return interval.lower > high ? .exceeded : .confirmed
    }

    /// One stall contradicts. None confirms where five slices of the other kernel had some: as many
    /// by chance on one side alone have p = 1/32.
    private static func standing(ofNoStallsIn cell: CellReport) -> Standing {
        let stalled = cell.arms.map(\.total.stalledSlices)
        guard let a = stalled[0], let b = stalled[1] else { return .open }
        if b > 0 { return .contradicted }
        return a >= 5 ? .confirmed : .open
    }

    private var subject: String {
        switch claim {
        case .change(let low, let high):
            let short = Change.short(low, signed: true)
            return low == high ? short : "\(short) to \(Change.short(high, signed: true))"
        case .noStalls: return "not to block for want of memory"
        }
    }

    /// `claimed +6% to +28%: cannot tell`.
    var text: String {
        let words =
            switch standing {
            case .confirmed: "confirmed"
            case .exceeded: "confirmed, and more"
            case .contradicted: "contradicted"
            case .open: "cannot tell"
            }
        return "claimed \(subject): \(words)"
    }
}
