// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Experiment
import Journal
import Protocol

/// What `--list` prints: the cells with their short and full names, and how long they take.
struct CellList {
    let plan: Plan

    var text: String { names + "\n" + time }

    /// A line for each cell: its short name and its full one; below it the whole command line of its
    /// program, of which a name may have the ends only.
    var names: String {
        let width = plan.suite.cells.map(\.label.count).max() ?? 0
        return plan.suite.cells.map { cell in
            let gap = String(repeating: " ", count: width + 2 - cell.label.count)
            let program = cell.program.map { "    run: \(ShellWord.visibleLine($0.command))\n" }
            return "\(cell.label)\(gap)\(cell.name)\n" + (program ?? "")
        }.joined()
    }

    /// How long they take, and of a comparison what is compared.
    var time: String {
        let suite = plan.suite
        let time = ProgressReporter.words(for: .nanoseconds(plan.plannedTime))
        let timing =
            "of \(Decimal.time(nanoseconds: Double(suite.slice))) with a guard of "
            + Decimal.time(nanoseconds: Double(suite.guardTime))
        let cells = Decimal.count(suite.cells.count, "cell")
        guard let comparison = plan.comparison else {
            let slices = Decimal.count(suite.slices, "slice")
            return "\(cells) x \(slices) \(timing): about \(time), plus setup\n"
        }
        let blocks = comparison.mostBlocks ?? comparison.blocks
        var text = "A: \(comparison.arms.a.label)\nB: \(comparison.arms.b.label)\n"
        text += "\(cells) x at most \(Decimal.count(blocks, "block")) of 4 slices \(timing)"
        guard let each = plan.roundBlocks else { return text + ": at most \(time), plus setup\n" }
        let rounds = Decimal.count((blocks + each - 1) / each, "round")
        return text + ", in \(rounds) of boots: at most \(time), plus builds, boots and setup\n"
    }
}
