// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics
import Verdicts

extension VerdictReport {
    package var htmlPage: HTMLPage? {
        let plots = plots
        return HTMLPage(title: header.suite.name, plots: plots.flatMap { $0 }) { drawings in
            var drawings = drawings[...]
            return ["reports": [html(number: 0, of: 1, plots: plots, drawings: &drawings)]]
        }
    }

    /// The plots of each cell, in the order of the page.
    var plots: [[Plot]] { ordered.map { plots(of: cells[$0]) } }

    /// The part of a page that tells of this journal.
    ///
    /// - Parameters:
    ///   - number: its place among the journals.
    ///   - count: how many journals there are.
    ///   - plots: those of each cell.
    ///   - drawings: what its plots became, before those of later journals.
    func html(
        number: Int, of count: Int, plots: [[Plot]], drawings: inout ArraySlice<Gnuplot.Drawing>
    ) -> PageContext {
        var rows: [PageContext] = []
        var sections: [PageContext] = []
        for (place, plots) in zip(ordered, plots) {
            let cell = cells[place]
            let id = Self.id(journal: number, cell: place)
            rows.append(row(of: cell, id: id))
            let drawn = plots.enumerated().map { number, plot in
                plot.html(drawings.popFirst(), id: "\(id)p\(number + 1)")
            }
            var section = section(of: cell, id: id, plots: drawn)
            section["controls"] = controls(of: cell, journal: number)
            sections.append(section)
        }
        var footer = TextPage()
        addFooter(to: &footer)
        var context: PageContext = [
            "id": Self.id(journal: number), "isJudged": true, "noise": noise,
            "arms": zip(Arm.allCases, [comparison.arms.a, comparison.arms.b]).map { arm, record in
                ["arm": arm.rawValue, "label": record.label] as PageContext
            },
            "tally": tally, "facts": facts.html, "verdicts": rows, "sections": sections,
            "footer": footer.html.filter { !JournalHeader.isEmulation($0) },
            "environment": environment,
            "repeat": commandLine,
        ]
        if count > 1 { context["journal"] = header.heading(number: number) }
        context["summary"] = header.summary
        if header.isEmulated { context["emulation"] = JournalHeader.emulation }
        return context
    }

    /// What a link to a journal names.
    static func id(journal: Int) -> String { "j\(journal + 1)" }

    /// What a link to a cell names.
    static func id(journal: Int, cell: Int) -> String { "\(id(journal: journal))c\(cell + 1)" }

    /// The cells' places, the greatest effect over noise first; those without one are the last.
    private var ordered: [Int] {
        let keys = cells.map { $0.effectOverNoise ?? -1 }
        return cells.indices.sorted { (keys[$1], $0) < (keys[$0], $1) }
    }

    /// What the effect is divided by.
    private var noise: String {
        comparison.rule == .repeated
            ? "the gap between boots that a difference needs" : "the standard error of the effect"
    }

    private var tally: [PageContext] {
        Verdict.Outcome.allCases.filter { count($0) > 0 }.map { outcome in
            let role = cells.first { $0.outcome == outcome }.map { "\($0.role)" } ?? ""
            return ["count": count(outcome), "outcome": outcome.rawValue, "class": role]
        }
    }

    private func row(of cell: CellVerdict, id: String) -> PageContext {
        [
            "id": id, "name": cell.plan.label, "outcome": cell.outcome.rawValue,
            "class": "\(cell.role)", "change": cell.shortChangeText,
            "a": cell.text(cell.arms[0]) ?? "-", "b": cell.text(cell.arms[1]) ?? "-",
            "units": cell.units,
            "p": (cell.adjustedP ?? cell.p).map(Change.p) ?? "-",
            "noise": cell.effectOverNoise.map { Decimal.fixed($0, 1) } ?? "-",
        ]
    }

    private func plots(of cell: CellVerdict) -> [Plot] {
        let size = 100 * comparison.equivalence
        let some = [
            Plot.forest(cell, margin: size, marginText: margin),
            Plot.effects(cell, margin: size, marginText: margin), Plot.figures(cell),
        ]
        return some.compactMap { $0 } + Plot.latencies(cell)
    }

    private func section(
        of cell: CellVerdict, id: String, plots: [PageContext]
    ) -> PageContext {
        var notes = TextTable()
        addNotes(on: cell, to: &notes)
        addSpreads(of: cell, to: &notes)
        var context: PageContext = [
            "id": id, "name": cell.plan.label, "outcome": cell.outcome.rawValue,
            "class": "\(cell.role)", "answer": verdict(cell), "settings": cell.plan.settingsText,
            "plots": plots,
            "measured": [measuredRate(cell)] + cell.toldRows + cell.measuredLatencies,
            "evidence": cell.evidenceRows,
            "notes": notes.paragraphs,
        ]
        if let mechanism = cell.mechanism { context["mechanism"] = mechanism.html }
        return context
    }

    /// What a cell's effect is made of, each step with the cell that it goes from; nil without
    /// controls.
    private func controls(of cell: CellVerdict, journal: Int) -> PageContext? {
        guard let parts = cell.parts else { return nil }
        let rows = parts.parts.map { part in
            let place = cells.firstIndex { $0.plan.name == part.against }
            let hidden = leftOut.first { $0.plan.name == part.against }
            var row: PageContext = ["name": part.name.rawValue, "change": part.text]
            row["link"] = place.map { Self.id(journal: journal, cell: $0) }
            row["against"] = (place.map { cells[$0] } ?? hidden)?.plan.label ?? ""
            return row
        }
        return ["parts": rows, "stoppedEarly": parts.stoppedEarly]
    }

    private func measuredRate(_ cell: CellVerdict) -> PageContext {
        [
            "name": cell.ownMetricText ?? cell.metric.name, "a": rate(cell, cell.arms[0]),
            "b": rate(cell, cell.arms[1]),
            "change": cell.changeText(count: cell.units) ?? "-",
        ]
    }
}
