// SPDX-License-Identifier: GPL-3.0-or-later

import Verdicts

extension ClaimVerdict {
    private var subject: String {
        switch claim {
        case .change(let low, let high):
            let short = Change.short(low, signed: true)
            return low == high ? short : "\(short) to \(Change.short(high, signed: true))"
        case .noStalls: return "no direct reclaim by workers"
        }
    }

    /// `claimed +6% to +28%: cannot tell`.
    var text: String {
        let words =
            switch answer {
            case .confirmed: "confirmed"
            case .exceeded: "confirmed, and more"
            case .contradicted: "contradicted"
            case .open: "cannot tell"
            }
        return "claimed \(subject): \(words)"
    }
}
