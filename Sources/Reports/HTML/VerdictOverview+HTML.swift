// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Verdicts

extension VerdictOverview {
    /// A table whose rows are cells and whose columns are journals.
    var html: PageContext {
        let columns = zip(reports, ownWords).enumerated().map { number, column -> PageContext in
            ["number": number + 1, "what": column.0.what(column.1), "id": "j\(number + 1)"]
        }
        let rows = cellNames.map { name -> PageContext in
            let verdicts = reports.enumerated().map { number, report -> PageContext in
                guard let place = report.cells.firstIndex(where: { $0.plan.label == name }) else {
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
            return ["name": name, "verdicts": verdicts]
        }
        var context: PageContext = ["columns": columns, "rows": rows]
        if reports.contains(where: \.header.isEmulated) {
            context["emulation"] = JournalHeader.emulation
        }
        return context
    }

    /// The cells' names, each once, in the order in which they come.
    private var cellNames: [String] {
        var seen: Set<String> = []
        return reports.flatMap(\.cells).map(\.plan.label).filter { seen.insert($0).inserted }
    }
}
