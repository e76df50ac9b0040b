// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics

extension CellVerdict {
    /// Judges one cell of a comparison by itself.
    init(
        _ plan: CellPlan, _ blocks: CellBlocks, metric: CellMetric? = nil,
        rule: ComparisonRule, layouts: RoundLayouts? = nil,
        failures: [JournalEvent.CellFailure]
    ) {
        self.init(plan, totals: blocks, metric: metric)
        var rule = rule
        rule.verdict.direction = self.metric.isLowerBetter ? .lowerIsBetter : .higherIsBetter
        if layouts?.vary(in: blocks.rounds) == true { rule.verdict.areTwoImages = false }
        judge(blocks, rule)
        if layouts?.areRepeated(in: Set(blocks.rounds)) == true { tags.append(Self.sharedLayouts) }
        withVoids(blocks)
        check(blocks, failures: failures)
    }

    /// Takes what a cell's blocks add up to, and judges nothing.
    init(_ plan: CellPlan, totals blocks: CellBlocks, metric: CellMetric?) {
        self.init(plan, metric: metric)
        arms = Arm.allCases.map { Side(total: blocks.arms[$0]) }
        unitTotals = blocks.units
        voidBlocks = blocks.voids
        incompleteBlocks = blocks.incomplete
        voidDetails = blocks.details
        noteMachines(blocks.machineEffects)
    }

    /// Makes a cell invalid that was not measured as planned.
    mutating func check(_ blocks: CellBlocks, failures: [JournalEvent.CellFailure]) {
        checkVoids(blocks)
        if let arm = blocks.missingArm {
            invalidate(
                .failure(
                    "arm \(arm) was never measured",
                    remedy: "the journal is not whole: run the experiment anew"),
                tag: "arm-missing")
        } else if let why = blocks.unusable {
            invalidate(
                .failure(
                    "\(Self.noFigure): \(why)",
                    remedy: "look at the cell's slices in the journal"), tag: "no-rate")
        }
        // What failed says more than any figure from before it failed.
        if let failure = failures.first { fail(failure, alone: failures.count == 1) }
    }

    private mutating func judge(_ blocks: CellBlocks, _ rule: ComparisonRule) {
        self.blocks = blocks.effects.count
        let observations = blocks.observations
        countsRounds = blocks.hasRounds
        if countsRounds { rounds = observations.count }
        noteStop(after: observations.count, of: rule)
        guard let verdict = try? Verdict.judge(observations, rule: rule.verdict) else {
            let sum = blocks.effects.reduce(0, +)
            if self.blocks > 0 { effect = Percent.change(ofLogRatio: sum / Double(self.blocks)) }
            tags.append(Verdict.Tag.tooEarly.rawValue)
            return
        }
        take(
            verdict, interval: rule.interval(verdict), areTwoImages: rule.verdict.areTwoImages,
            level: 1 - rule.interval(verdict).confidence)
        self.blocks = verdict.blocks
        if countsRounds { rounds = verdict.units.values.count }
        noteStop(after: units, of: rule)
        if verdict.isEarlyStop(by: rule) { tags.append(Self.earlyStop) }
        tags += verdict.tags.map(\.rawValue)
        for case .stillDependent in verdict.warnings { tags.append("still-dependent") }
        addEvidence(verdict)
    }

    /// Takes what a verdict on this cell alone says, its tags left out.
    ///
    /// - Parameters:
    ///   - interval: of the log ratio, as the report shows it.
    ///   - level: the level that a difference is held against after all that was planned.
    mutating func take(
        _ verdict: Verdict, interval: Interval, areTwoImages: Bool, level: Double = 0.05
    ) {
        alone = LoneVerdict(
            p: verdict.repeatedP, estimate: verdict.estimate,
            isWithinMargin: verdict.isWithinMargin || verdict.outcome == .equivalent,
            differenceTags: verdict.differenceTags.map(\.rawValue), areTwoImages: areTwoImages,
            level: level)
        outcome = verdict.outcome
        effect = verdict.percent
        setInterval(interval)
        p = verdict.p
        spread = verdict.units.spread
        noLargerThan = verdict.noLargerThan.isFinite ? verdict.noLargerThan : nil
        detectable = verdict.detectable.isFinite ? verdict.detectable : nil
        needed = verdict.needed
    }

    /// Takes an interval of log ratios when the data bound it.
    mutating func setInterval(_ logRatios: Interval) {
        let percent = logRatios.percent
        interval = percent.lower.isFinite && percent.upper.isFinite ? percent : nil
    }

    private mutating func addEvidence(_ verdict: Verdict) {
        let values: [(String, Double?)] = [
            ("autocorrelation", verdict.units.dependence.autocorrelation),
            ("effective_blocks", verdict.units.dependence.effectiveCount),
            (
                countsRounds ? "round_sd_percent" : "block_sd_percent",
                (try? Moments(verdict.units.values)).map { 100 * $0.deviation }
            ),
            ("hodges_lehmann_percent", Percent.change(ofLogRatio: verdict.hodgesLehmann.estimate)),
            ("sign_flip_p", verdict.signFlip.p), ("equivalence_p", verdict.equivalenceP),
            ("repeated_p", verdict.repeatedP), ("decision_level", verdict.level),
            ("excludable_percent", verdict.excludable), ("look", verdict.look.map(Double.init)),
            ("plain_interval_low_percent", verdict.plainInterval.percent.lower),
            ("plain_interval_high_percent", verdict.plainInterval.percent.upper),
            ("stalls_per_second_a", arms[0].total.stallRate),
            ("stalls_per_second_b", arms[1].total.stallRate),
            ("worker_stalls_per_second_a", arms[0].total.workerStallRate),
            ("worker_stalls_per_second_b", arms[1].total.workerStallRate),
            ("worker_stalls_per_second", pooledWorkerStallRate),
            ("worker_stall_ms_per_second_a", arms[0].total.workerStallShare),
            ("worker_stall_ms_per_second_b", arms[1].total.workerStallShare),
            ("request_reclaims_per_second_a", arms[0].total.requestReclaimRate),
            ("request_reclaims_per_second_b", arms[1].total.requestReclaimRate),
        ]
        for case (let name, let value?) in values where value.isFinite { evidence[name] = value }
    }

    private mutating func withVoids(_ blocks: CellBlocks) {
        guard blocks.voids > 0 else { return }
        evidence["void_blocks"] = Double(blocks.voids)
        evidence["void_balance_p"] = blocks.balance?.p
        guard let all = try? StudentT(blocks.effectsWithVoids) else { return }
        evidence["effect_with_voids_percent"] = Percent.change(ofLogRatio: all.estimate)
    }

    static let noFigure = "what is compared is not a number above zero"

    mutating func fail(_ failure: JournalEvent.CellFailure, alone: Bool) {
        // The failure is the reason, whatever was found before.
        error = nil
        guard let arm = failure.arm, alone else {
            return invalidate(failure.error, tag: "failed")
        }
        invalidate(
            PlumblineError(
                failure.error.kind,
                "it failed on arm \(arm) and not on \(arm.other): \(failure.error.message)",
                remedy: failure.error.remedy), tag: "failed-on-\(arm.rawValue.lowercased())")
    }
}
