// SPDX-License-Identifier: GPL-3.0-or-later

import Verdicts

extension MechanismComparison {
    /// The table of a page.
    var html: PageContext {
        let rows = shownRows.map { row -> PageContext in
            let values = row.figures.map { $0.map(row.valueText) ?? "-" }
            return [
                "name": row.name, "a": values[0], "b": values[1],
                "change": row.change ?? "", "unit": row.quantity.unit,
            ]
        }
        return [
            "heading": heading, "rows": rows,
            "remarks": notes.map { ["text": $0] as PageContext },
        ]
    }
}
