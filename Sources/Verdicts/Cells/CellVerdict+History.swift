// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics

extension CellVerdict {
    /// ±X, as a fraction, of runs: their headers settle none.
    package static let runMargin = 0.02
    /// The tag of a cell that too few earlier runs measured.
    package static let fewRuns = "too-few-runs"
    /// The tag of a cell whose earlier runs have one rate, which says nothing of their spread.
    package static let noSpread = "no-spread"

    /// Puts down what a run of each arm did, and the ratio of their figures.
    init(_ plan: CellPlan, a: ArmTotal, b: ArmTotal, metric: CellMetric?) {
        self.init(plan, metric: metric)
        arms[0].total = a
        arms[1].total = b
        if let a = figure(arms[0]), let b = figure(arms[1]), a > 0, b > 0 {
            effect = 100 * (b / a - 1)
        }
    }

    /// Judges the ratio by how much earlier runs of one kernel differ by themselves.
    ///
    /// - Parameters:
    ///   - history: the earlier runs' rates.
    ///   - areTwoImages: whether the arms' kernels differ, and so their code layouts.
    mutating func judge(
        by history: [Double], areTwoImages: Bool, alpha: Double,
        failures: [JournalEvent.CellFailure]
    ) {
        evidence["history_runs"] = Double(history.count)
        checkArms()
        if let failure = failures.first {
            error = nil
            invalidate(failure.error, tag: "failed")
        }
        guard outcome != .invalid, let a = figure(arms[0]), let b = figure(arms[1]),
            let margin = try? EquivalenceMargin(fraction: Self.runMargin)
        else { return }
        guard let test = try? StudentT.runs(a: a, b: b, history: history) else {
            tags.append(Self.fewRuns)
            return
        }
        guard test.warnings.isEmpty else {
            tags.append(Self.noSpread)
            return
        }
        describe(test, alpha: alpha)
        decide(test, margin: margin, alpha: alpha)
        let count = Double(history.count)
        evidence["run_sd_percent"] = 100 * test.standardError / 2.0.squareRoot()
        detectable = try? Planning.detectable(
            deviation: test.standardError * count.squareRoot(), blocks: history.count)
        alone?.areTwoImages = areTwoImages && metric != .instructions
        tagDifference()
    }

    mutating func checkArms() {
        for (arm, figure) in zip(Arm.allCases, arms.map(figure)) where (figure ?? 0) <= 0 {
            invalidate(.failure("no slice of \(arm) counts and has a rate"), tag: "no-rate")
        }
        let totals = arms.map(\.total)
        if totals.contains(where: { $0.reasons[Validity.Reason.corruption.rawValue] != nil }) {
            invalidate(.failure("data came back other than they were written"), tag: "corruption")
        }
        let balance = try? VoidBalance(
            a: (void: totals[0].void, good: totals[0].valid),
            b: (void: totals[1].void, good: totals[1].valid))
        if balance?.isUneven == true {
            invalidate(.failure("void slices fell on the arms unevenly"), tag: "uneven-voids")
        }
    }
}
