// SPDX-License-Identifier: GPL-3.0-or-later

import Statistics

/// The verdicts of several cells held against one error rate.
package enum CellMatrix {
    /// Up to here Holm's procedure is taken, beyond it that of Benjamini and Hochberg.
    package static let mostForHolm = 20
    /// The tag of a cell whose difference does not outlast the adjustment.
    package static let tag = "not-after-adjustment"

    /// Adjusts each cell's p; a difference is what has an adjusted p of at most the level.
    ///
    /// Equivalence needs no adjustment where every cell has to show it by itself.
    static func adjust(_ cells: inout [CellVerdict], level: Double) {
        defer {
            for index in cells.indices {
                cells[index].requireResolution()
                cells[index].requireLayouts()
            }
        }
        let judged = cells.indices.filter { cells[$0].alone != nil }
        guard judged.count > 1 else {
            for index in judged { cells[index].adjustedP = cells[index].p }
            return
        }
        let p = judged.map { cells[$0].alone?.p ?? 1 }
        let isExploratory = judged.count > mostForHolm
        let adjusted =
            isExploratory ? try? Multiplicity.benjaminiHochberg(p) : try? Multiplicity.holm(p)
        for (index, adjusted) in zip(judged, adjusted ?? p) {
            cells[index].adjustedP = adjusted
            settle(&cells[index], showsDifference: adjusted <= level)
        }
        if isExploratory { widen(&cells, at: judged, level: level) }
    }

    /// How the verdicts of these cells are held, in words; empty where one stands for itself.
    package static func sentence(_ cells: [CellVerdict]) -> String {
        let judged = cells.count { $0.alone != nil }
        let name = judged > mostForHolm ? "Benjamini and Hochberg" : "Holm"
        return judged > 1 ? " Verdicts hold over all \(judged) cells (\(name))." : ""
    }

    private static func settle(_ cell: inout CellVerdict, showsDifference: Bool) {
        guard let alone = cell.alone, cell.outcome != .invalid else { return }
        if showsDifference {
            cell.outcome =
                cell.metric.isBetter(alone.estimate.estimate) ? .improved : .regressed
        } else if cell.outcome.isDifference || cell.outcome == .imagesDiffer {
            cell.outcome = alone.isWithinMargin ? .equivalent : .inconclusive
            cell.tags.append(tag)
        }
        cell.tagDifference()
    }

    /// Gives the cells that were selected the intervals that hold for selected ones.
    private static func widen(_ cells: inout [CellVerdict], at judged: [Int], level: Double) {
        let selected = judged.filter { (cells[$0].adjustedP ?? 1) <= level }
        guard
            let confidence = try? Multiplicity.confidence(
                selected: selected.count, of: judged.count, level: level)
        else { return }
        for index in selected {
            guard let alone = cells[index].alone,
                confidence > cells[index].interval?.confidence ?? 0,
                let interval = try? alone.estimate.interval(confidence: confidence)
            else { continue }
            cells[index].setInterval(interval)
        }
    }
}
