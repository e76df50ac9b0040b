// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Verdicts

extension VerdictOverview {
    /// A table whose rows are cells and whose columns are journals.
    var html: PageContext {
        let columns = zip(reports, ownWords).enumerated().map { number, column -> PageContext in
            ["number": number + 1, "what": column.0.what(column.1), "id": "j\(number + 1)"]
        }
        let rows = plans.map { plan -> PageContext in
            let verdicts = reports.enumerated().map { number, report -> PageContext in
                guard let place = report.cells.firstIndex(where: { $0.plan.name == plan.name })
                else {
                    return ["number": number + 1]
                }
                let cell = report.cells[place]
                return [
                    "number": number + 1,
                    "id": VerdictReport.id(journal: number, cell: place),
                    "change": cell.shortChangeText, "outcome": cell.outcome.rawValue,
                    "class": "\(cell.role)",
                ]
            }
            return ["name": plan.label, "verdicts": verdicts]
        }
        var context: PageContext = ["columns": columns, "rows": rows]
        if reports.contains(where: \.header.isEmulated) {
            context["emulation"] = JournalHeader.emulation
        }
        return context
    }

    /// The cells, each once, in the order in which they come.
    private var plans: [CellPlan] {
        var seen: Set<String> = []
        return reports.flatMap(\.cells).map(\.plan).filter { seen.insert($0.name).inserted }
    }
}
