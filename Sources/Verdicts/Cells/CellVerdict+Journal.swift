// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal

extension CellVerdict {
    /// Judges the cell at a place in the suite by itself; its blocks are forgotten afterwards.
    ///
    /// - Throws: `failure` when the journal cannot be read.
    init(
        at place: Int, of journal: StoredJournal, comparison: ComparisonRecord,
        rule: ComparisonRule, latencies: LatencyTable
    ) throws(PlumblineError) {
        let (header, blocks) = (journal.header, journal.blocks(at: place))
        let plan = header.suite.cells[place]
        let failures = journal.failures.filter { $0.cell == plan.name }
        var effects: [Int: Double]?
        if comparison.rule == .repeated {
            self.init(
                plan, runs: RepeatedRuns(blocks), comparison: comparison, failures: failures)
        } else {
            let sorted = CellBlocks(blocks, roundBlocks: header.plan.roundBlocks)
            self.init(
                plan, sorted, metric: header.cellMetric, rule: rule,
                layouts: RoundLayouts(journal.rounds), failures: failures)
            effects = Dictionary(
                zip(sorted.numbers, sorted.effects), uniquingKeysWith: { first, _ in first })
        }
        timeline = CellTimeline(blocks, effects: effects, metric: metric)
        tagWorkerPressure()
        try noteDetails(blocks, of: journal)
        if self.blocks == 0, failures.isEmpty, let loss = journal.voidRounds.last {
            // What a lost guest left void says less than why it was lost.
            let isLost = blocks.allSatisfy(\.isInVoidRound)
            if isLost, !tags.contains("corruption") { error = nil }
            invalidate(loss.error, tag: "lost-\(loss.arm.rawValue.lowercased())")
        }
        for (index, arm) in Arm.allCases.enumerated() {
            arms[index].latencies = latencies.tracks(place, arm)
            arms[index].latencyUnits = latencies.units(place, arm)
        }
        mechanism = MechanismComparison(
            plan.name, in: journal.mechanisms, rates: arms.map(\.total.rate))
        tails = latencies.tails(
            place, of: arms.map(\.latencies), alpha: comparison.alpha)
        writeLatency = latencies.writeRatios(place)
    }
}
