// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics
import Verdicts

extension JournalComparison: Report {
    package var page: TextPage {
        var facts = TextTable()
        for (name, header) in [("A", a), ("B", b)] {
            let arms = header.comparison.map { ": \($0.arms.b.label) vs \($0.arms.a.label)" } ?? ""
            let id = "\(header.suite.name) \(header.id)"
            facts.add(name, "\(id), \(header.host.kernelText)\(arms)")
        }
        var page = TextPage(facts, table)
        addFooter(to: &page)
        return page
    }

    private var table: TextTable {
        var table = TextTable(indent: 2)
        table.addTitles("A", "B", kind == .rates ? "B/A" : "B vs A")
        for cell in cells {
            table.add(TextParagraph(lead: cell.plan.label))
            let arms = arms(of: cell)
            table.add(arms[0], arms[1], change(cell) ?? "-")
            if kind != .rates { table.add(.note(verdict(cell), role: cell.role)) }
            cell.addError(to: &table)
            if kind == .history || kind == .boots { cell.addTags(to: &table) }
        }
        return table
    }

    private func arms(of cell: CellVerdict) -> [String] {
        guard kind == .effects else { return cell.arms.map { cell.text($0) ?? "-" } }
        return ["a", "b"].map { arm in
            let effect = cell.evidence["\(arm)_effect_percent"].map(Change.signed) ?? "-"
            let units = cell.countsRounds ? "rounds" : "blocks"
            return "\(effect) n=\(Int(cell.evidence["\(arm)_\(units)"] ?? 0))"
        }
    }

    private func change(_ cell: CellVerdict) -> String? {
        if kind == .rates { return cell.effect.map(Change.signed) }
        let runs = kind == .history ? cell.evidence["history_runs"] : nil
        return cell.changeText(count: runs.map { Int($0) })
    }

    private func verdict(_ cell: CellVerdict) -> String {
        var parts = [cell.outcome.rawValue] + cell.boundsText(isOneOfMany: cells.count > 1)
        if cell.tags.contains(Verdict.Tag.tooEarly.rawValue) {
            parts.append(
                cell.countsRounds
                    ? "a verdict needs \(Verdict.leastUnits) rounds of boots in each"
                    : "too few blocks")
        }
        return parts.joined(separator: "; ")
    }

    private func addFooter(to page: inout TextPage) {
        switch kind {
        case .rates:
            page.add(
                TextParagraph(
                    lead: "Not comparable.",
                    " Each journal holds one kernel, and two runs of one kernel differ too. B/A is "
                        + "the ratio that was measured, not a verdict. To compare kernels, use "
                        + "`plumbline ab`, or give at least \(StudentT.leastRuns) "
                        + "earlier runs of one kernel with `--history JOURNAL ...`."))
        case .effects:
            page.add(
                TextParagraph(
                    "B vs A: how the effect in B differs from the effect in A; n: "
                        + (a.plan.bootsRounds ? "rounds of boots." : "blocks.")))
        case .history: page.add(TextParagraph(reading, role: .faint))
        case .boots: page.add(TextParagraph(Self.unpaired))
        }
        if let text = voidRoundText { page.add(.note(text, role: .bad)) }
        if a.isEmulated || b.isEmulated { page.add(TextParagraph(JournalHeader.emulation)) }
        if !onlyInOne.isEmpty {
            page.add(.note("only in one of them: \(onlyInOne.joined(separator: ", "))"))
        }
        for warning in warnings { page.add(.note("warning: \(warning)", role: .warning)) }
    }

    /// What is said of kernels that were not measured side by side.
    package static let unpaired =
        "The kernels were not measured side by side: boots of each are compared, unpaired, and what "
        + "changed on the machine in between counts as their difference. `plumbline ab` alternates "
        + "between them and finds smaller changes."

    private var reading: String {
        "Rates: totals over the slices that count. B vs A: the change in rate, its interval at 95% "
            + "and p, judged by how much \(earlierRuns) earlier runs of one kernel differ; n: the "
            + "earlier runs that measured the cell; ~ where no difference is shown. Equivalent: "
            + "within ±\(Change.short(100 * CellVerdict.runMargin)). MDE80: the smallest change "
            + "that such a comparison finds 8 times in 10.\(CellMatrix.sentence(cells))"
    }
}
