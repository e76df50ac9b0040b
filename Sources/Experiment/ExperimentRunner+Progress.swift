// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Linux
import Protocol
import Verdicts

/// What is told of the time that is left.
extension ExperimentRunner {
    mutating func reportSlice(of cell: Int) {
        let total = plan.mostSlices
        shown = max(shown, total - slicesLeft.reduce(0, +))
        report(
            .slice(
                cell: plan.suite.cells[cell].label, done: shown, total: total, remaining: remaining)
        )
    }

    func reportEstimate(of cell: Int) {
        guard let estimate = cells[cell].estimate else { return }
        report(.estimate(cell: plan.suite.cells[cell].label, estimate))
    }

    /// The slices of each cell that are left at most, those of warm-ups included.
    var slicesLeft: [Int] {
        cells.enumerated().map { place, cell in
            if plan.kind == .run || cell.isDone { return cell.left }
            let open = blocks[place]?.count ?? 0
            return Block.length * (cell.left + (unready.contains(place) ? 1 : 0))
                - open % Block.length
        }
    }

    var remaining: Duration {
        let (slices, suite) = (slicesLeft, plan.suite)
        // A guest of both arms counts as two boots of half the time.
        let boots = 2 * (cells.map(\.bootsLeft).max() ?? 0)
        let unfinished = cells.indices.filter { !cells[$0].isDone }
        // Cells that are cold now, and all those that a boot makes cold.
        let arms: [Arm] = target.armsShareMachine ? [.a] : Arm.allCases
        let cold =
            unfinished.count * boots / (target.armsShareMachine ? 2 : 1)
            + arms.reduce(0) { sum, arm in
                sum + unfinished.count { self.cold[arm]?.contains($0) == true }
            }
        let planned =
            slices.enumerated().reduce(0) { sum, left in
                sum + left.element * ((lengths[left.offset] ?? suite.slice) + suite.guardTime)
            }
            + cold * max(0, suite.warmup - suite.guardTime)
        return time.estimate(planned: .nanoseconds(planned), slices: slices, boots: boots)
    }
}
