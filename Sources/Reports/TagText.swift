// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Statistics

/// What a verdict's tags mean, in words.
enum TagText {
    /// One note a tag that a reader of this cell should see.
    static func notes(_ cell: CellReport) -> [String] {
        cell.tags.compactMap { tag in note(tag, cell).map { "note: \($0)" } }
            + (cell.incompleteBlocks > 0
                ? ["note: \(TextLines.number(cell.incompleteBlocks, "block")) ended early"] : [])
    }

    private static func note(_ tag: String, _ cell: CellReport) -> String? {
        switch tag {
        case Verdict.Tag.tailShift.rawValue:
            let centre = cell.evidence["hodges_lehmann_percent"].map {
                " (Hodges-Lehmann \(Change.signed($0)))"
            }
            return "tail-shift: the typical block differs from the mean\(centre ?? "")"
        case Verdict.Tag.pairedBlocks.rawValue:
            return "paired-blocks: neighbouring blocks resemble each other, so pairs are the units"
        case "still-dependent":
            return "still-dependent: even pairs of blocks do; p is too small"
        case Verdict.Tag.roundsDisagree.rawValue:
            return "rounds-disagree: the rounds are the units"
        case "rounds-missing":
            return "rounds-missing: fewer rounds of boots than were planned"
        case Verdict.Tag.layout.rawValue:
            return "layout: these two images differ; below 3% code layout alone may be why"
        case Verdict.Tag.crossCheckDisagrees.rawValue:
            let p = cell.evidence["sign_flip_p"].map { " (\(Change.p($0)))" } ?? ""
            return "cross-check-disagrees: the sign-flip test does not show it\(p)"
        case Verdict.Tag.tooEarly.rawValue:
            return cell.blocks > 0 ? "too-early: too few blocks for a verdict" : nil
        case CellReport.fewSessions:
            let count = cell.evidence["history_sessions"].map { Int($0) } ?? 0
            return "too-few-sessions: \(count) of the history measured this cell, "
                + "\(SessionComparison.leastSessions) are needed"
        case CellReport.noSpread:
            return "no-spread: the history's rates are equal, and show no spread of sessions"
        case "below-resolution":
            let least = Change.short(100 * CellReport.resolution)
            return "below-resolution: a difference of less than \(least) may be one of interrupts"
        case CellMatrix.tag:
            return "not-after-adjustment: a difference by itself, but not among so many cells"
        default: return nil
        }
    }
}
