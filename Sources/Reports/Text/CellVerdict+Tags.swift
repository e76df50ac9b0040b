// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Statistics
import Verdicts

extension CellVerdict {
    /// Why a difference between two images need not be the patch's, and what tells.
    static let layoutText =
        "two images in one layout each differ by up to 3% through their code layout alone; use "
        + "the patch's switch (toggle --kernel), or kernels that can be relinked (ab --relinks)"

    /// Why the answer of two machines is none on their kernels, and what tells.
    static let machinesText =
        "A and B ran on two machines, and the machines may differ as much as the kernels: measure "
        + "both kernels on both machines in every round (ab --on FILE --on FILE does, unless the "
        + "slices of one half are void), or boot both kernels on one machine"

    /// What a tag means, in words; nil for a tag that other lines explain.
    func text(ofTag tag: String) -> String? {
        switch tag {
        case Verdict.Tag.tailShift.rawValue:
            let centre = evidence["hodges_lehmann_percent"].map {
                " (Hodges-Lehmann \(Change.signed($0)))"
            }
            return "the typical \(countsRounds ? "round" : "block") differs from the mean"
                + (centre ?? "")
        case Verdict.Tag.pairedBlocks.rawValue:
            return "neighbouring blocks resemble each other, so each pair counts as one"
        case "still-dependent":
            return "pairs of blocks resemble each other too, so p is too small"
        case Verdict.Tag.crossCheckDisagrees.rawValue:
            let p = evidence["sign_flip_p"].map { " (\(Change.p($0)))" } ?? ""
            return "the sign-flip test does not show the difference\(p)"
        case Verdict.Tag.tooEarly.rawValue:
            guard blocks > 0 else { return nil }
            guard countsRounds else { return "there are too few blocks for a verdict" }
            if rounds >= Verdict.leastUnits {
                return "the first look comes after more than \(rounds) rounds of boots"
            }
            return "a verdict needs \(Verdict.leastUnits) rounds of boots, and there "
                + (rounds == 1 ? "is 1" : "are \(rounds)")
        case Self.earlyStop:
            let unit = countsRounds ? "round" : "block"
            let end = plannedUnits.map { "\(units) of \(Decimal.count($0, unit))" }
            return "it stopped after \(end ?? Decimal.count(units, unit))"
        case Self.fewRuns:
            let count = evidence["history_runs"].map { Int($0) } ?? 0
            return "\(Decimal.count(count, "earlier run")) measured this cell, "
                + "\(StudentT.leastRuns) are needed"
        case Self.noSpread:
            return "the earlier runs have equal rates, so their spread is not known"
        case Self.oneSession:
            return "all boots of a kernel are from one journal, and how much sessions of one "
                + "kernel differ is in neither the interval nor p: measure the kernels side by side"
        case "below-resolution":
            let least = Change.short(100 * Self.resolution)
            return "interrupts alone can change less than \(least)"
        case Self.workersUnpressured:
            let rate = Decimal.fixed(pooledWorkerStallRate ?? 0, 2)
            return "workers were not in direct reclaim (\(rate) a second over both arms): "
                + "nothing is said of pressure"
        case Self.controlReclaims:
            let rate = Decimal.rate(evidence["control_stalls_per_second"] ?? 0)
            return "workers of a control were in direct reclaim (\(rate) a second): "
                + "the effect is not taken apart"
        case Self.twoMachines: return Self.machinesText
        case Self.sharedLayouts:
            return "rounds share a code layout, so p is too small"
        case CellMatrix.tag:
            return "it is a difference by itself, but not among so many cells"
        default: return nil
        }
    }
}
