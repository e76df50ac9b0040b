// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Journal

extension VerdictText {
    /// How often those who wanted memory had to reclaim it themselves: the workers, and for how
    /// long, where that is known, else anybody.
    func stalls(_ cell: CellReport) -> [String] {
        guard cell.plan.hasPressure else { return [] }
        let arms = cell.arms.map(\.total)
        var words = arms.compactMap { arm in
            arm.workerStallRate.map { rate in
                "\(Decimal.rate(rate))/s, \(Decimal.fixed(arm.workerStallShare ?? 0, 1)) ms/s"
            }
        }
        var what = "workers in direct reclaim"
        if words.count < arms.count {
            words = arms.compactMap { $0.stallRate.map(Decimal.rate) }
            what = "reclaim stalls/s"
        }
        guard words.count == arms.count else { return [] }
        return [style.faint("  \(what)  A \(words[0])  B \(words[1])")]
    }

    func voids(_ cell: CellReport) -> [String] {
        let counts = cell.arms.map(\.total.reasons)
        let reasons = Set(counts.flatMap(\.keys)).sorted()
        var lines = reasons.flatMap { reason in
            let detail = cell.voidDetails[reason].map { ", such as: \($0)" } ?? ""
            return TextLines.wrapped(
                "void: \(reason), A \(counts[0][reason] ?? 0), B \(counts[1][reason] ?? 0)"
                    + detail)
        }.map(style.yellow)
        if let effect = cell.evidence["effect_with_voids_percent"] {
            lines += TextLines.wrapped(
                "\(TextLines.number(cell.voidBlocks, "block")) left out; with them "
                    + Change.signed(effect))
        }
        return lines
    }
}
