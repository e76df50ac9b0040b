// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics

/// What each boot of an arm measured in instructions.
struct RepeatedRuns: VoidTally {
    /// Instructions per operation, one value a boot: the mean of its slices.
    private(set) var values: [Arm: [Double]] = [.a: [], .b: []]
    /// The slices behind them.
    private(set) var arms = ArmTotals()
    /// An example of each void's reason in words.
    private(set) var details: [String: String] = [:]
    private(set) var blocks = 0

    init(_ blocks: [Block]) {
        var slices: [Arm: [Int: [Double]]] = [:]
        for block in blocks {
            if !block.isInVoidRound { self.blocks += 1 }
            for slice in block.slices {
                guard let arm = slice.arm else { continue }
                arms.count(slice)
                for (reason, detail) in slice.reasons {
                    details[reason] = details[reason] ?? detail
                }
                guard !block.isInVoidRound, slice.isValid, slice.operations > 0 else { continue }
                arms.add(slice)
                slices[arm, default: [:]][slice.round ?? 0, default: []].append(
                    Double(slice.interval) / Double(slice.operations))
            }
        }
        for (arm, rounds) in slices {
            values[arm] = rounds.sorted { $0.key < $1.key }.map {
                $0.value.reduce(0, +) / Double($0.value.count)
            }
        }
    }

    var allVoid: PlumblineError? {
        guard !details.isEmpty, values.values.contains(where: \.isEmpty) else { return nil }
        return .failure("no slice of an arm counts", remedy: "see the reasons")
    }

    /// The mean of an arm's runs.
    func mean(_ arm: Arm) -> Double? {
        guard let values = values[arm], !values.isEmpty else { return nil }
        return values.reduce(0, +) / Double(values.count)
    }

    /// How far an arm's runs lie apart, as a fraction of their mean; `nil` for a single run.
    func spread(_ arm: Arm) -> Double? {
        guard let values = values[arm], values.count > 1, let mean = mean(arm),
            let least = values.min(), let most = values.max()
        else { return nil }
        return (most - least) / mean
    }
}

extension CellVerdict {
    /// The evidence of B's instructions per operation less those of A, and the range over all
    /// pairs of boots.
    private static let difference = "instructions_difference"
    private static let leastDifference = "instructions_difference_low"
    private static let mostDifference = "instructions_difference_high"

    /// B's instructions per operation less those of A, and the range over all pairs of boots; nil
    /// where time or a PMU was measured.
    package var countedDifference: (mean: Double, least: Double, most: Double)? {
        guard let mean = evidence[Self.difference], let least = evidence[Self.leastDifference],
            let most = evidence[Self.mostDifference]
        else { return nil }
        return (mean, least, most)
    }

    /// Judges a cell by how well its boots repeat: the arms differ when the gap between their
    /// nearest boots is wider than either arm's own spread.
    ///
    /// It is no test of significance. Each boot has other addresses, hash keys and timer
    /// interrupts, and relinked kernels have other layouts: what these change is seen in the
    /// spread. Fewer than five boots an arm decide nothing. With five, one cell in 20,000 of boots
    /// that are alike and normal is told apart all the same.
    init(
        _ plan: CellPlan, runs: RepeatedRuns, comparison: ComparisonRecord,
        failures: [JournalEvent.CellFailure]
    ) {
        self.init(plan, metric: .instructions)
        arms = Arm.allCases.map {
            Side(
                total: runs.arms[$0], instructions: runs.mean($0),
                bootInstructions: runs.values[$0] ?? [])
        }
        blocks = runs.blocks
        voidDetails = runs.details
        countsRounds = true
        rounds = min(runs.values[.a]?.count ?? 0, runs.values[.b]?.count ?? 0)
        plannedUnits = comparison.rounds
        stoppedEarly = rounds < comparison.rounds ?? 0
        judge(runs, margin: comparison.equivalence)
        checkVoids(runs)
        if let failure = failures.first { fail(failure, alone: failures.count == 1) }
    }

    private mutating func judge(_ runs: RepeatedRuns, margin: Double) {
        guard let a = runs.mean(.a), let b = runs.mean(.b), let valuesA = runs.values[.a],
            let valuesB = runs.values[.b]
        else { return }
        let change = b / a - 1
        effect = 100 * change
        let differences = valuesA.flatMap { a in valuesB.map { $0 - a } }
        evidence[CellVerdict.difference] = b - a
        evidence[CellVerdict.leastDifference] = differences.min()
        evidence[CellVerdict.mostDifference] = differences.max()
        evidence["instructions_range_a"] = (valuesA.max() ?? 0) - (valuesA.min() ?? 0)
        evidence["instructions_range_b"] = (valuesB.max() ?? 0) - (valuesB.min() ?? 0)
        evidence["instructions_per_operation_a"] = a
        evidence["instructions_per_operation_b"] = b
        guard let spreadA = runs.spread(.a), let spreadB = runs.spread(.b) else {
            tags.append(Verdict.Tag.tooEarly.rawValue)
            return
        }
        evidence["repeatability_a_percent"] = 100 * spreadA
        evidence["repeatability_b_percent"] = 100 * spreadB
        let ratios = valuesA.flatMap { a in valuesB.map { 100 * ($0 / a - 1) } }
        let (least, most) = (ratios.min() ?? 0, ratios.max() ?? 0)
        interval = Interval(lower: least, upper: most, confidence: 1)
        let spread = max(spreadA, spreadB)
        let needed = 100 * max(spread, CellVerdict.resolution)
        let gap = least > 0 ? least : (most < 0 ? -most : 0)
        noLargerThan = max(abs(least), abs(most))
        detectable = needed
        guard rounds >= Verdict.leastUnits else {
            tags.append(Verdict.Tag.tooEarly.rawValue)
            return
        }
        let isWithin = max(abs(least), abs(most)) <= 100 * margin
        if gap > needed {
            // Fewer instructions are better.
            outcome = change < 0 ? .improved : .regressed
            if isWithin { tags.append("within-margin") }
        } else {
            outcome = isWithin ? .equivalent : .inconclusive
        }
    }
}
