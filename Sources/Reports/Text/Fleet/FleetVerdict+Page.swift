// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics
import Verdicts

extension FleetVerdict: Report {
    package var page: TextPage {
        var page = TextPage(title: header.title, facts, table, machineTable)
        addFooter(to: &page)
        return page
    }

    private var facts: TextTable {
        var table = TextTable()
        let coming = waiting > 0 ? ", \(waiting) to come" : ""
        table.add("machines", "\(machines.count)\(coming): \(MachineDifference.list(machines))")
        if let arms = header.comparison?.arms {
            table.add("A", arms.a.label)
            table.add("B", arms.b.label)
        }
        for difference in differences {
            let values = difference.groups.map {
                "\($0.value) (\(MachineDifference.list($0.machines)))"
            }
            table.add("differ in", "\(difference.field): \(values.joined(separator: "; "))")
        }
        table.add("slices", header.sliceText)
        return table
    }

    private var table: TextTable {
        var table = TextTable(indent: 2)
        if header.comparison != nil { table.addTitles("B vs A over machines", "") }
        for (number, cell) in cells.enumerated() {
            let lead = cells.count > 1 ? "\(number + 1) " : ""
            table.add(TextParagraph(lead: lead + cell.verdict.plan.label))
            guard header.comparison != nil else {
                if let spread = cell.rateSpread {
                    table.add(.note("SD of the rate between machines: \(Change.size(spread))"))
                }
                continue
            }
            add(cell, to: &table)
        }
        return table
    }

    private func add(_ cell: Cell, to table: inout TextTable) {
        let verdict = cell.verdict
        table.add(
            .left(verdict.changeText(count: verdict.rounds) ?? "-"),
            .left(verdict.outcome.rawValue, verdict.role))
        if let spread = verdict.spread {
            let within = spread.within.map {
                ", \(Change.size(100 * $0)) between \(units) of a machine"
            }
            table.add(
                .note(
                    "SD: \(Change.size(100 * spread.between)) between machines\(within ?? "")",
                    role: .faint))
        }
        let bounds = verdict.boundsText(isOneOfMany: cells.count > 1)
        if verdict.outcome != .invalid, !bounds.isEmpty {
            table.add(.note(bounds.joined(separator: "; ")))
        }
        if let parts = verdict.parts { table.add(.note(parts.text)) }
        verdict.addError(to: &table)
        for line in notes(cell) { table.add(.note("note: \(line)")) }
    }

    /// Why there is no verdict, what would give one, and which machines are to be looked at.
    private func notes(_ cell: Cell) -> [String] {
        let verdict = cell.verdict
        var lines: [String] = []
        if verdict.tags.contains(CellVerdict.unfinishedFleet) {
            lines.append(
                "\(Decimal.count(verdict.rounds, "machine")) so far; the verdict comes when all "
                    + "are measured")
        } else if verdict.rounds < Verdict.leastUnits {
            lines.append(
                "\(Decimal.count(verdict.rounds, "machine")); a verdict needs "
                    + "\(Verdict.leastUnits)")
        } else if verdict.outcome == .inconclusive {
            lines.append(needed(verdict))
        }
        if verdict.outcome == .imagesDiffer {
            lines.append(
                verdict.tags.contains(CellVerdict.twoMachines)
                    ? CellVerdict.machinesText
                    : "\(CellVerdict.layoutText); more machines do not remove it")
        }
        let told = [
            Verdict.Tag.crossCheckDisagrees.rawValue, CellMatrix.tag, "below-resolution",
            CellVerdict.controlReclaims,
        ]
        for tag in told where verdict.tags.contains(tag) {
            if let text = verdict.text(ofTag: tag) { lines.append("\(tag): \(text)") }
        }
        if !cell.unpressed.isEmpty {
            lines.append(
                "workers were not in direct reclaim on \(MachineDifference.list(cell.unpressed)): "
                    + "nothing is said of pressure there")
        }
        for value in cell.values where value.isFar {
            lines.append(
                "\(value.machine) lies far from the other machines "
                    + "(\(value.effect.map(Change.signed) ?? "-")); it counts all the same")
        }
        return lines
    }

    private func needed(_ verdict: CellVerdict) -> String {
        switch verdict.needed {
        case nil, .blocks: "more machines do not decide"
        case .rounds(let machines):
            "about \(max(machines, verdict.rounds + 1)) machines decide"
        case .roundBlocks(let count): "about \(count) \(units) on each machine decide"
        }
    }

    private var units: String { header.plan.bootsRounds ? "rounds" : "blocks" }

    /// A row for each machine, a column for each cell by its number.
    private var machineTable: TextTable {
        var table = TextTable(indent: 2)
        var titles: [TextTable.Cell] = [.left("machine", .faint)]
        for number in cells.indices where cells.count > 1 {
            titles.append(.left("\(number + 1)", .faint))
        }
        table.add(titles)
        for (place, machine) in machines.enumerated() {
            var row: [TextTable.Cell] = [.left(machine)]
            for cell in cells {
                let value = cell.values[place]
                row.append(.left(text(of: value, in: cell), value.isFar ? .warning : .plain))
            }
            table.add(row)
        }
        return table
    }

    private func text(of value: Value, in cell: Cell) -> String {
        if let absence = value.absence {
            return "- (\(absence.split(separator: "\n").first ?? ""))".cut(to: 40)
        }
        if let effect = value.effect { return "\(Change.signed(effect)) n=\(value.units)" }
        guard case .some(let figure?) = value.figures.first else { return "-" }
        if let own = cell.verdict.metric.own { return own.text(figure) }
        return "\(Decimal.rate(figure))\(cell.verdict.metric == .instructions ? " instr/op" : "/s")"
    }

    private func addFooter(to page: inout TextPage) {
        if header.comparison == nil {
            page.add(
                TextParagraph(
                    "One arm: operations a second of each machine, and no verdict.", role: .faint))
        } else {
            let counts = Verdict.Outcome.allCases.filter { count($0) > 0 }.map {
                "\(count($0)) \($0.rawValue)"
            }
            page.add(
                TextParagraph(
                    lead: "\(Decimal.count(cells.count, "cell")): "
                        + "\(counts.joined(separator: ", "))."))
            page.add(
                TextParagraph(
                    "B vs A: the mean over machines of each machine's mean change, its interval at "
                        + "95%, p, and n machines; ~ where no difference is shown. Below: each "
                        + "machine's change and its n \(units). Tails of latency are in each "
                        + "machine's own report."
                        + CellMatrix.sentence(cells.map(\.verdict)), role: .faint))
        }
        if hasClaims {
            page.add(
                TextParagraph(
                    "Published claims are not judged over machines: a machine's own report judges "
                        + "them."))
        }
        if header.isEmulated { page.add(TextParagraph(JournalHeader.emulation)) }
        for warning in warnings { page.add(.note("warning: \(warning)", role: .warning)) }
    }
}
