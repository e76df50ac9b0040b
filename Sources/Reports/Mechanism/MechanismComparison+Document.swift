// SPDX-License-Identifier: GPL-3.0-or-later

import Verdicts

extension MechanismComparison {
    /// As the report's schema has it.
    var document: JSONObject {
        var sides: [String: JSONObject] = [:]
        for (place, name) in ["A", "B"].enumerated() {
            guard let arm = arms[place] else { continue }
            sides[name] = JSONObject([
                "slices": arm.slices, "small_slices": arm.smallSlices, "voids": arm.voids,
                "operations": arm.operations, "dropped_events": arm.dropped,
                "slowdown_percent": slowdown[place],
                "seconds": arm.time.map { Double($0) / 1e9 },
            ])
        }
        return JSONObject([
            "arms": sides,
            "counts": rows.map { row in
                JSONObject([
                    "name": row.quantity.rawValue, "function": row.function,
                    "unit": row.quantity.unit, "A": row.figures[0]?.document,
                    "B": row.figures[1]?.document, "difference": row.difference?.value,
                    "difference_interval": row.difference?.interval.map { [$0.lower, $0.upper] },
                    "difference_confidence": row.difference?.interval?.confidence,
                ])
            },
        ])
    }
}

extension MechanismComparison.Figure {
    fileprivate var document: JSONObject {
        JSONObject([
            "mean": mean, "interval": interval.map { [$0.lower, $0.upper] },
            "confidence": interval?.confidence,
        ])
    }
}
