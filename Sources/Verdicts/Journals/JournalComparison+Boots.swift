// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics

extension JournalComparison {
    /// Compares two kernels whose boots are in different journals: Welch's test on the boots' mean
    /// log rates.
    ///
    /// Of a journal with two kernels, the baseline is arm A and the candidate is arm B; one that
    /// compares a kernel with itself gives both arms, whose mean is a boot's value. What changed on
    /// the machine between the journals counts as the kernels' difference.
    ///
    /// - Throws: `NotComparable`, naming each field in which the journals differ.
    public init(
        baseline: [StoredJournal], candidate: [StoredJournal]
    ) throws(NotComparable) {
        guard let first = baseline.first, let other = candidate.first else {
            throw NotComparable(reasons: ["a side has no journal"])
        }
        let sides = (KernelBoots(baseline, .a), KernelBoots(candidate, .b))
        let reasons = KernelBoots.mismatches(sides.0, sides.1)
        guard reasons.isEmpty else { throw NotComparable(reasons: reasons) }
        kind = .boots
        a = first.header
        b = other.header
        earlierRuns = 0
        voidRounds = [baseline, candidate].map(Self.voidRounds)
        warnings = (baseline + candidate).flatMap(\.warnings)
        let names = Set(b.suite.cells.map(\.name)).intersection(a.suite.cells.map(\.name))
        onlyInOne = (a.suite.cells + b.suite.cells).map(\.name).filter { !names.contains($0) }
        let rule = b.comparison ?? a.comparison
        let margin = try? EquivalenceMargin(
            fraction: rule?.equivalence ?? CellVerdict.runMargin)
        let alpha = rule?.alpha ?? Self.alpha
        var cells: [CellVerdict] = []
        for plan in a.suite.cells where names.contains(plan.name) {
            cells.append(
                CellVerdict(
                    plan, a: sides.0, b: sides.1, metric: a.cellMetric, margin: margin,
                    alpha: alpha))
        }
        CellMatrix.adjust(&cells, level: alpha)
        self.cells = cells
    }
}
