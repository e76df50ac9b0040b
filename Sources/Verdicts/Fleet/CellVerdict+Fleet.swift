// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Journal
import Statistics

extension CellVerdict {
    /// The tag of a cell that is not judged because machines are still to be measured.
    package static let unfinishedFleet = "machines-to-come"

    /// Judges a cell over machines: each machine's value is the mean over its units, and t goes
    /// over the machines.
    ///
    /// - Parameter waiting: machines that are still to be measured; with any there is no verdict,
    ///   because a look before the end would raise the error rate.
    init(
        _ plan: CellPlan, machines: [(name: String, cell: MachineSummary.Cell)],
        metric: CellMetric?, rule: VerdictRule, waiting: Int
    ) {
        self.init(plan, metric: metric)
        countsRounds = true
        let values = machines.filter { !$0.cell.units.isEmpty }
        rounds = values.count
        blocks = values.reduce(0) { $0 + $1.cell.units.count }
        let observations = Observations(
            effects: values.flatMap(\.cell.units),
            rounds: values.enumerated().flatMap { number, machine in
                machine.cell.units.map { _ in number }
            }, voids: Self.balance(machines.map(\.cell)))
        judge(observations, by: rule)
        if waiting > 0 {
            alone = nil
            outcome = .inconclusive
            tags = [Self.unfinishedFleet]
        }
        if observations.voids?.isUneven == true {
            invalidate(
                .failure(
                    "void slices fell on the arms unevenly over the machines",
                    remedy: "what makes them void depends on the arm; see the machines' journals"),
                tag: "uneven-voids")
        }
        checkLengths(machines)
        for machine in machines {
            guard let trouble = machine.cell.trouble else { continue }
            invalidate(trouble.error.at(machine.name), tag: trouble.tag)
        }
    }

    private mutating func judge(_ observations: Observations, by rule: VerdictRule) {
        var rule = rule
        rule.direction = metric.isLowerBetter ? .lowerIsBetter : .higherIsBetter
        guard let verdict = try? Verdict.judge(observations, rule: rule) else {
            let effects = observations.effects
            if !effects.isEmpty {
                effect = Percent.change(
                    ofLogRatio: effects.reduce(0, +) / Double(effects.count))
            }
            tags.append(Verdict.Tag.tooEarly.rawValue)
            return
        }
        take(verdict, interval: verdict.interval, areTwoImages: rule.areTwoImages)
        tags += verdict.tags.map(\.rawValue)
        evidence["sign_flip_p"] = verdict.signFlip.p
        evidence["hodges_lehmann_percent"] = Percent.change(
            ofLogRatio: verdict.hodgesLehmann.estimate)
        evidence["equivalence_p"] = verdict.equivalenceP
    }

    private static func balance(_ cells: [MachineSummary.Cell]) -> VoidBalance? {
        let slices = cells.map(\.slices).filter { $0.count == 2 }
        func sum(_ arm: Int) -> (void: Int, good: Int) {
            slices.reduce((0, 0)) { ($0.0 + $1[arm].void, $0.1 + $1[arm].good) }
        }
        let (a, b) = (sum(0), sum(1))
        return a.void + b.void > 0 ? try? VoidBalance(a: a, b: b) : nil
    }

    /// Slices of different lengths hold different shares of what happens once in a slice; those that
    /// a program ends hold a run each.
    private mutating func checkLengths(
        _ machines: [(name: String, cell: MachineSummary.Cell)]
    ) {
        guard plan.program?.endsSlice != true else { return }
        let lengths = MachineDifference.group(
            machines.filter { !$0.cell.units.isEmpty }.map {
                ($0.name, Decimal.time(nanoseconds: Double($0.cell.slice)))
            })
        guard lengths.count > 1 else { return }
        let list = lengths.map { "\($0.value) on \(MachineDifference.list($0.machines))" }
        invalidate(
            .failure(
                "the length of slices differs: \(list.joined(separator: ", "))",
                remedy: "give --slice, long enough for the slowest machine"),
            tag: "slice-lengths")
    }
}
