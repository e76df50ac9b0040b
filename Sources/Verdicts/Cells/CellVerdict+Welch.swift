// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics

extension CellVerdict {
    /// Judges whether two experiments found the same effect, by Welch's test on their units.
    init(
        _ plan: CellPlan, a: CellBlocks, b: CellBlocks, metric: CellMetric?,
        failures: [JournalEvent.CellFailure], margin: EquivalenceMargin?, alpha: Double
    ) {
        self.init(plan, metric: metric)
        blocks = a.effects.count + b.effects.count
        voidBlocks = a.voids + b.voids
        voidDetails = a.details.merging(b.details) { first, _ in first }
        evidence["a_blocks"] = Double(a.effects.count)
        evidence["b_blocks"] = Double(b.effects.count)
        countsRounds = a.hasRounds || b.hasRounds
        if countsRounds {
            evidence["a_rounds"] = Double(a.observations.count)
            evidence["b_rounds"] = Double(b.observations.count)
            rounds = a.observations.count + b.observations.count
        }
        if let margin { welch(a, b, margin: margin, alpha: alpha) }
        if let why = a.unusable ?? b.unusable {
            invalidate(.failure("\(Self.noFigure): \(why)"), tag: "no-rate")
        }
        for part in [a, b] {
            if let arm = part.missingArm {
                invalidate(.failure("arm \(arm) was never measured"), tag: "arm-missing")
            }
            if let balance = part.balance, balance.isUneven {
                invalidate(
                    .failure("void slices fell on the arms unevenly"), tag: "uneven-voids")
            }
            if part.isCorrupted {
                invalidate(
                    .failure("data came back other than they were written"), tag: "corruption")
            }
        }
        if let failure = failures.first {
            error = nil
            invalidate(failure.error, tag: "failed")
        }
    }

    private mutating func welch(
        _ a: CellBlocks, _ b: CellBlocks, margin: EquivalenceMargin, alpha: Double
    ) {
        let units = [a, b].compactMap { try? Units($0.observations).values }
        guard units.count == 2, let test = try? StudentT.welch(from: units[0], to: units[1]) else {
            tags.append(Verdict.Tag.tooEarly.rawValue)
            return
        }
        describe(test, alpha: alpha)
        for (name, values) in zip(["a_effect_percent", "b_effect_percent"], units) {
            evidence[name] = (try? Moments(values)).map { Percent.change(ofLogRatio: $0.mean) }
        }
        guard [a, b].allSatisfy({ $0.observations.count >= Verdict.leastUnits }) else {
            tags.append(Verdict.Tag.tooEarly.rawValue)
            return
        }
        decide(test, margin: margin, alpha: alpha)
    }

    /// Takes a test's estimate with its bounds.
    mutating func describe(_ test: StudentT, alpha: Double) {
        effect = Percent.change(ofLogRatio: test.estimate)
        if let plain = try? test.interval(confidence: 1 - alpha) { setInterval(plain) }
        noLargerThan = (try? test.interval(confidence: 0.9))?.largestChange
    }

    /// Takes a test's answer, from one look at all data.
    mutating func decide(_ test: StudentT, margin: EquivalenceMargin, alpha: Double) {
        p = test.p
        let isWithin = EquivalenceTest(test, margin: margin).p <= 0.05
        alone = LoneVerdict(p: test.p, estimate: test, isWithinMargin: isWithin)
        outcome =
            test.p <= alpha
            ? (metric.isBetter(test.estimate) ? .improved : .regressed)
            : isWithin ? .equivalent : .inconclusive
    }
}
