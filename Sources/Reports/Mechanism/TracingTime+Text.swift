// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Verdicts

extension TracingTime {
    /// `Tracing took 31 s, which made the experiment 8% longer.`
    var text: String {
        let longer = addedPercent.map {
            ", which made the experiment \(Decimal.fixed($0, 0))% longer"
        }
        return "Tracing took \(Decimal.fixed(seconds, 0)) s\(longer ?? "")."
    }

    /// As the report's schema has it.
    var document: JSONObject {
        JSONObject(["seconds": seconds, "added_percent": addedPercent])
    }
}
