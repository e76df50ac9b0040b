// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics
import Verdicts

extension VerdictReport: Report {
    package var verdicts: [VerdictReport] { [self] }

    package var page: TextPage {
        var page = TextPage(title: header.title, facts, table)
        addFooter(to: &page)
        return page
    }

    /// Kernels, machines and the rule.
    var facts: TextTable { facts(arms: Arm.allCases.map(\.rawValue)) }

    /// Kernels, machines and the rule.
    ///
    /// - Parameter names: what the arms are called, A first.
    func facts(arms names: [String]) -> TextTable {
        var table = TextTable()
        let isPair = comparison.areTwoMachines
        table.add(
            isPair ? "controller" : header.plan.kind == .ab ? "host" : "kernel",
            header.host.kernelText)
        if let machines = comparison.machines {
            for name in machines {
                let text = host(ofMachine: name)?.machineText ?? "no round came to its end"
                table.add("machine", "\(name): \(text)")
            }
        } else {
            table.add("machine", header.machineText)
        }
        let isOneGuest = header.guest != nil
        if isOneGuest { table.add("guest", comparison.arms.a.target ?? "") }
        let arms = [(Arm.a, comparison.arms.a), (Arm.b, comparison.arms.b)]
        for ((name, arm), word) in zip(arms, names) {
            table.add(word, arm.label)
            guard !isOneGuest, let target = arm.target else { continue }
            table.add("", ownHost(name)?.kernelText ?? "never came up")
            table.add("", target)
        }
        table.add("rule", rule)
        if let rounds = comparison.rounds {
            let what =
                isOneGuest
                ? ": one guest, one image, the switch flipped"
                : isPair
                    ? ", each with new agents, and no boot"
                    : comparison.machines == nil
                        ? " of both" : " of both, on one machine each, and of both swapped"
            table.add(isPair ? "rounds" : "boots", Decimal.count(rounds, "round") + what)
        } else if header.plan.kind == .ab {
            table.add("boots", "one kernel at a time, each block over a pair of boots")
        }
        if let layouts { table.add("layouts", layouts) }
        table.add(
            "slices",
            "\(header.sliceText), blocks of four in random order, seed \(header.seed)")
        return table
    }

    /// How many layouts the kernels had, where the arms are two images.
    private var layouts: String? {
        guard comparison.areTwoImages, !comparison.areTwoMachines, header.metric == .time else {
            return relinks
        }
        return relinks
            ?? "one of each image: a difference whose interval comes nearer to 0 than 3% ends as "
            + "images-differ"
    }

    private var relinks: String? {
        comparison.relinks.map { _ in "A \(layouts(.a)), B \(layouts(.b)), drawn per round" }
    }

    private var rule: String {
        var blocks = "\(Decimal.count(comparison.blocks, "block")) a cell"
        if let rounds = comparison.rounds, let each = header.plan.roundBlocks {
            blocks = "\(Decimal.count(rounds, "round")) of \(Decimal.count(each, "block")) a cell"
        }
        let plan =
            switch comparison.rule {
            case .budget where header.plan.bootsRounds:
                "\(blocks), \(looks)"
            case .budget: "\(blocks), \(comparison.looks) looks"
            case .untilDecided: "until decided, \(blocks) expected"
            case .fixed: "\(blocks), judged at the end"
            case .repeated: "\(blocks), judged by how well boots repeat"
            }
        return "\(plan); equivalent within ±\(margin)"
    }

    /// `looks after 6 and 8 rounds`.
    private var looks: String {
        let plan = try? LookPlan(
            budget: header.plan.plannedUnits ?? comparison.blocks,
            bounds: GroupSequential(looks: comparison.looks))
        let numbers = plan?.looks.map { "\($0.units)" } ?? []
        let list = numbers.dropLast().joined(separator: ", ")
        return "looks after \(list)\(list.isEmpty ? "" : " and ")\(numbers.last ?? "no") rounds"
    }

    private var table: TextTable {
        var table = TextTable(indent: 2)
        table.addTitles("A", "B", "B vs A")
        for cell in cells { add(cell, to: &table) }
        if let mean = cells.geometricMean {
            table.add("", "", "\(Change.signed(mean)) geomean")
        }
        return table
    }

    private func add(_ cell: CellVerdict, to table: inout TextTable) {
        table.add(TextParagraph(lead: cell.plan.label))
        let rates = cell.arms.map { rate(cell, $0) }
        table.add(rates[0], rates[1], cell.changeText(count: cell.units) ?? "")
        if let metric = cell.ownMetricText { table.add(.note(metric)) }
        cell.addLatencies(to: &table)
        for line in cell.toldLines { table.add(.note("told: \(line)", role: .faint)) }
        addSpreads(of: cell, to: &table)
        table.add(.note(verdict(cell), role: cell.role))
        if let parts = cell.parts { table.add(.note(parts.text)) }
        addNotes(on: cell, to: &table)
        cell.addMechanism(to: &table)
    }

    /// What stalled, and how far boots and blocks lie apart.
    func addSpreads(of cell: CellVerdict, to table: inout TextTable) {
        let lines = [
            cell.stallText, cell.spreadText, cell.countedSpreadText,
            cell.machinesText(comparison.machines),
        ]
        for line in lines.compactMap({ $0 }) { table.add(.note(line, role: .faint)) }
    }

    /// What follows a cell's answer: claims, errors, voids and tags.
    func addNotes(on cell: CellVerdict, to table: inout TextTable) {
        for line in cell.claim?.lines ?? [] { table.add(.note(line)) }
        cell.addError(to: &table)
        cell.addVoids(to: &table)
        if cell.sharesCPUs { table.add(.note("note: hogs share the workers' CPUs")) }
        if let line = cell.inFlightText { table.add(.note(line)) }
        cell.addTags(to: &table)
    }

    /// An arm's rate and how far its slices spread.
    func rate(_ cell: CellVerdict, _ arm: CellVerdict.Side) -> String {
        guard let rate = cell.text(arm) else { return "-" }
        guard cell.metric != .instructions, let variation = arm.total.variation else { return rate }
        return "\(rate) ± \(Decimal.fixed(100 * variation, 0))%"
    }

    /// A cell's answer with its bounds.
    func verdict(_ cell: CellVerdict) -> String {
        var answer = cell.outcome.rawValue
        if cell.outcome == .equivalent { answer += " within ±\(margin)" }
        if cell.showsDifference {
            if cell.alone?.isWithinMargin == true { answer += ", and within ±\(margin)" }
        } else if let effect = cell.effect, cell.outcome != .invalid || cell.alone != nil {
            answer += " (\(Change.signed(effect)))"
        }
        var parts = [answer] + cell.boundsText(isOneOfMany: isMatrix)
        if header.countsInstructions, let spread = cell.evidence["block_sd_percent"] {
            parts.append("block SD \(Change.size(spread))")
        }
        if cell.outcome == .inconclusive { parts.append(needed(cell)) }
        return parts.joined(separator: "; ")
    }

    /// ±X, such as `2%`.
    var margin: String { Change.short(100 * comparison.equivalence) }

    /// What would decide an open question.
    func needed(_ cell: CellVerdict) -> String {
        guard cell.blocks > 0 else { return "nothing measured" }
        if comparison.rule == .repeated { return "more rounds of boots (--rounds) may decide" }
        if cell.countsRounds, cell.rounds < Verdict.leastUnits {
            return "a verdict needs more rounds (--rounds)"
        }
        let block = Block.length * (header.suite.slice + header.suite.guardTime)
        switch cell.needed {
        case nil: return "more \(cell.countsRounds ? "rounds" : "blocks") do not decide"
        case .blocks(let blocks):
            let seconds = blocks * block / 1_000_000_000
            let time = seconds < 120 ? "\(seconds) s" : "\((seconds + 30) / 60) min"
            return "about \(blocks) blocks (\(time)) decide"
        case .rounds(let rounds):
            return "more boots decide (about --rounds \(max(rounds, cell.rounds + 1)))"
        case .roundBlocks(let blocks):
            let rounds = header.plan.plannedUnits ?? cell.rounds
            let each = max(blocks, (header.plan.roundBlocks ?? 0) + 1)
            let seconds = (rounds * each * block + 999_999_999) / 1_000_000_000
            return "longer boots decide (about \(each) blocks each, --budget \(seconds)s)"
        }
    }
}
