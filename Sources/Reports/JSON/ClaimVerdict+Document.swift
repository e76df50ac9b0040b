// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Verdicts

extension ClaimVerdict {
    /// `{figures, set_up, standing, differs}`.
    var document: JSONObject {
        JSONObject([
            "figures": figures.map(\.document), "set_up": claim.setUp,
            "standing": standing.rawValue, "differs": differs,
        ])
    }
}

extension ClaimVerdict.FigureVerdict {
    fileprivate var document: JSONObject {
        let ends = interval.map { [$0.lower, $0.upper] }
        let isRatio = figure.quantity != .requestReclaims
        return JSONObject([
            "quantity": figure.quantity.rawValue, "low": figure.low, "high": figure.high,
            "tolerance": figure.tolerance, "standing": standing.rawValue,
            "direction": direction?.rawValue, "reason": reason,
            "interval_percent": isRatio ? ends : nil,
            "interval_per_second": isRatio ? nil : ends,
            "confidence": interval?.confidence, "p_adjusted": adjustedP,
        ])
    }
}
