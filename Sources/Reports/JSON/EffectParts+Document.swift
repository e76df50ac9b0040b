// SPDX-License-Identifier: GPL-3.0-or-later

import Statistics
import Verdicts

extension EffectParts {
    /// As the report's schema has them.
    var document: [JSONObject] {
        parts.map { part in
            JSONObject([
                "name": part.name.rawValue, "percent": part.percent,
                "interval_percent": part.interval.map { [$0.percent.lower, $0.percent.upper] },
                "confidence": part.interval?.confidence, "against": part.against,
            ])
        }
    }
}
