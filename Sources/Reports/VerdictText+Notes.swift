// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration
import Journal

extension VerdictText {
    /// How often those who wanted memory had to reclaim it themselves.
    func stalls(_ cell: CellReport) -> [String] {
        let rates = cell.arms.map(\.total.stallRate)
        guard cell.plan.pressure != "none", let a = rates[0], let b = rates[1] else { return [] }
        return [style.faint("  reclaim stalls/s  A \(Decimal.rate(a))  B \(Decimal.rate(b))")]
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
