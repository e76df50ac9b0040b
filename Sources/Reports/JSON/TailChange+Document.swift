// SPDX-License-Identifier: GPL-3.0-or-later

import Verdicts

extension TailChange {
    /// A member of a cell's `tails`.
    var document: JSONObject {
        JSONObject([
            "direction": track, "quantile": quantile, "a_ns": times[0], "b_ns": times[1],
            "percent": percent, "interval_percent": [interval.lower, interval.upper],
            "confidence": interval.confidence, "units": units,
        ])
    }
}
