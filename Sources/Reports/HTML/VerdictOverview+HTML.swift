// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Verdicts

extension VerdictOverview {
    package var htmlPage: HTMLPage? {
        let plots = results.map { result in
            if case .verdicts(let report) = result { report.plots } else { [] as [[Plot]] }
        }
        return HTMLPage(title: "Journals", plots: plots.flatMap { $0.flatMap { $0 } }) { drawings in
            var drawings = drawings[...]
            let parts = zip(results, plots).enumerated().map { number, part in
                switch part.0 {
                case .verdicts(let report):
                    report.html(
                        number: number, of: results.count, plots: part.1, drawings: &drawings)
                case .run(let report): report.html(number: number)
                }
            }
            return ["overview": table, "reports": parts]
        }
    }

    /// A table whose rows are cells and whose columns are journals.
    private var table: PageContext {
        let columns = zip(names, journalWords).enumerated().map { number, column -> PageContext in
            [
                "number": number + 1, "name": column.0, "what": column.1,
                "id": VerdictReport.id(journal: number),
            ]
        }
        let entries = results.map(\.entries)
        let labels = labels
        let rows = plans.map { plan -> PageContext in
            let places = entries.enumerated().map { number, entries -> PageContext in
                let place = entries.firstIndex { $0.plan.name == plan.name }
                return place.map { Self.place(of: entries[$0], cell: $0, journal: number) }
                    ?? ["number": number + 1]
            }
            return [
                "name": labels[plan.label]?.count == 1 ? plan.label : plan.name, "places": places,
            ]
        }
        let differences = differences(showing: [.cell, .journal])
        var context: PageContext = [
            "columns": columns, "rows": rows, "differences": differences,
            "hasDifferences": !differences.isEmpty,
        ]
        if results.contains(where: \.header.isEmulated) {
            context["emulation"] = JournalHeader.emulation
        }
        return context
    }

    /// What one journal says of one cell, and the part of the page that says more.
    private static func place(
        of entry: OverviewEntry, cell: Int, journal: Int
    ) -> PageContext {
        var context: PageContext = [
            "number": journal + 1, "change": entry.figure, "class": "\(entry.role)",
        ]
        if let verdict = entry.verdict {
            context["outcome"] = verdict
            context["id"] = VerdictReport.id(journal: journal, cell: cell)
        } else {
            context["run"] = ["count": entry.count]
            context["id"] = VerdictReport.id(journal: journal)
        }
        return context
    }

    /// The cells, each once, in the order in which they come.
    private var plans: [CellPlan] {
        var seen: Set<String> = []
        return results.flatMap(\.plans).filter { seen.insert($0.name).inserted }
    }
}

extension RunReport {
    /// The part of a page of several journals that tells of this one: its text report.
    fileprivate func html(number: Int) -> PageContext {
        var context: PageContext = [
            "id": VerdictReport.id(journal: number),
            "journal": journal.header.heading(number: number),
            "text": body.html.filter { !JournalHeader.isEmulation($0) },
        ]
        context["summary"] = journal.header.summary
        if journal.header.isEmulated { context["emulation"] = JournalHeader.emulation }
        return context
    }
}

extension JournalHeader {
    /// What stands above the part of a page that tells of the journal: `2. demo 20261130T000000Z-1`.
    func heading(number: Int) -> String { "\(number + 1). \(suite.name) \(id)" }

    /// What the suite is for; nil where it does not say.
    var summary: String? { suite.summary.isEmpty ? nil : suite.summary }

    /// Whether a part is the paragraph that stands at the top of its journal on a page.
    static func isEmulation(_ part: PageContext) -> Bool {
        let lines = part["lines"] as? [PageContext]
        return lines?.first?["text"] as? String == emulation
    }
}
