// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Estimates how long the rest of an experiment takes: what is planned, and on top what boots and
/// setting up took so far.
struct RemainingTime {
    private struct Mean {
        var sum = Duration.zero
        var count = 0
        var value: Duration? { count > 0 ? sum / count : nil }
    }

    private var boots = Mean()
    /// What the slices of each cell took beyond the plan.
    private var cells: [Int: Mean] = [:]
    private var all = Mean()

    /// Takes in how long so many machines took to boot, or to end.
    mutating func add(boots count: Int, took time: Duration) {
        boots.sum += time
        boots.count += count
    }

    /// Takes in a slice of a cell: how long it was planned to take, and took.
    mutating func add(cell: Int, planned: Duration, observed: Duration) {
        let overhead = max(.zero, observed - planned)
        cells[cell, default: Mean()].sum += overhead
        cells[cell, default: Mean()].count += 1
        all.sum += overhead
        all.count += 1
    }

    /// The time for so many slices of each cell, and so many boots.
    ///
    /// A cell that did not run yet sets up as long as the others on average.
    ///
    /// - Parameter planned: how long the slices take with nothing on top.
    func estimate(planned: Duration, slices: [Int], boots more: Int) -> Duration {
        var rest = planned + (boots.value ?? .zero) * more
        for (cell, count) in slices.enumerated() where count > 0 {
            rest += (cells[cell]?.value ?? all.value ?? .zero) * count
        }
        return rest
    }
}
