// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Statistics
import Verdicts

/// What a verdict's tags mean, in words.
enum TagText {
    /// What a reader of this cell should see; nil for a tag that other lines explain.
    static func text(_ tag: String, of cell: CellVerdict) -> String? {
        switch tag {
        case Verdict.Tag.tailShift.rawValue:
            let centre = cell.evidence["hodges_lehmann_percent"].map {
                " (Hodges-Lehmann \(Change.signed($0)))"
            }
            return "the typical block differs from the mean\(centre ?? "")"
        case Verdict.Tag.pairedBlocks.rawValue:
            return "neighbouring blocks resemble each other, so each pair counts as one"
        case "still-dependent":
            return "pairs of blocks resemble each other too, so p is too small"
        case Verdict.Tag.roundsDisagree.rawValue:
            return "rounds differ more than their blocks do, so each round counts as one"
        case "rounds-missing":
            return "there are fewer rounds of boots than planned"
        case Verdict.Tag.layout.rawValue:
            return "the kernel images differ, and code layout alone can change up to 3%"
        case Verdict.Tag.crossCheckDisagrees.rawValue:
            let p = cell.evidence["sign_flip_p"].map { " (\(Change.p($0)))" } ?? ""
            return "the sign-flip test does not show the difference\(p)"
        case Verdict.Tag.tooEarly.rawValue:
            return cell.blocks > 0 ? "there are too few blocks for a verdict" : nil
        case CellVerdict.fewSessions:
            let count = cell.evidence["history_sessions"].map { Int($0) } ?? 0
            return "\(Decimal.count(count, "earlier run")) measured this cell, "
                + "\(SessionComparison.leastSessions) are needed"
        case CellVerdict.noSpread:
            return "the earlier runs have equal rates, so their spread is not known"
        case "below-resolution":
            let least = Change.short(100 * CellVerdict.resolution)
            return "interrupts alone can change less than \(least)"
        case CellMatrix.tag:
            return "it is a difference by itself, but not among so many cells"
        default: return nil
        }
    }
}
