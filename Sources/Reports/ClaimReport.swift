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

    /// Holds a judged cell against a claim, which is on time: counts of instructions leave it open.
    init(_ claim: ComparisonRecord.Claim, _ cell: CellReport) {
        self.claim = claim
        guard let interval = cell.interval, cell.metric != .instructions,
            cell.outcome != .invalid
        else {
            standing = .open
            return
        }
        if interval.upper < claim.low {
            standing = .contradicted
        } else if cell.outcome == .improved {
            standing = interval.lower > claim.high ? .exceeded : .confirmed
        } else {
            standing = .open
        }
    }

    /// `claimed +6% to +28%: cannot tell`.
    var text: String {
        let low = Change.short(claim.low, signed: true)
        let high = Change.short(claim.high, signed: true)
        let range = claim.low == claim.high ? low : "\(low) to \(high)"
        let words =
            switch standing {
            case .confirmed: "confirmed"
            case .exceeded: "confirmed, and more"
            case .contradicted: "contradicted"
            case .open: "cannot tell"
            }
        return "claimed \(range): \(words)"
    }
}
