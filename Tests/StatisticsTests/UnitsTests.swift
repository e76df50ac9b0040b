// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Statistics

@Suite("Units, rounds and warm-up follow from the data by fixed rules") struct UnitsTests {
    private func independent(_ count: Int, seed: UInt64, mean: Double = 0) -> [Double] {
        var noise = Noise(seed: seed)
        return (0..<count).map { _ in mean + 0.02 * noise.normal() }
    }

    @Test("blocks that resemble their neighbours are averaged in twos")
    func pairs() throws {
        let wave = (0..<40).map { Double($0 / 5 % 2) }
        let units = try Units(Observations(effects: wave))
        #expect(units.dependence.isHigh)
        #expect(units.dependence.effectiveCount < 20)
        #expect(units.kind == .pairs)
        #expect(units.values.count == 20)
        let free = try Units(Observations(effects: independent(40, seed: 3)))
        #expect(free.kind == .blocks)
    }

    @Test("pairs never join two rounds")
    func pairsWithinRounds() throws {
        let wave: [Double] = (0..<30).map { $0 % 15 / 5 % 2 == 0 ? 0 : 1 }
        let rounds = (0..<30).map { $0 / 15 }
        let units = try Units(Observations(effects: wave, rounds: rounds))
        #expect(units.kind == .pairs)
        #expect(units.values.count == 14)
    }

    @Test("n_eff halves when r₁ is a third")
    func effectiveCount() throws {
        let values = independent(50, seed: 9)
        let dependence = try Dependence(values)
        let r = dependence.autocorrelation
        #expect(near(dependence.effectiveCount, 50 * (1 - r) / (1 + r)))
    }

    @Test("rounds that disagree become the units, rounds that agree do not")
    func rounds() throws {
        let rounds = (0..<40).map { $0 / 10 }
        let apart = (0..<4).flatMap { round in
            independent(10, seed: UInt64(round), mean: 0.1 * Double(round))
        }
        let units = try Units(Observations(effects: apart, rounds: rounds))
        #expect(units.kind == .rounds)
        #expect(units.values.count == 4)
        #expect(try #require(units.heterogeneity).p < 0.001)
        let margin = try EquivalenceMargin(fraction: 0.02)
        let verdict = try Verdict.judge(
            Observations(effects: apart, rounds: rounds),
            rule: VerdictRule(stopping: FixedSample(), margin: margin))
        #expect(verdict.estimate.degreesOfFreedom == 3)
        #expect(verdict.tags.contains(.roundsDisagree))
        #expect(!verdict.tags.contains(.fewRounds))

        let alike = try Units(Observations(effects: independent(40, seed: 1), rounds: rounds))
        #expect(alike.kind == .blocks)
        #expect(alike.roundCount == 4)
    }

    @Test("Q rejects equal rounds of 20 blocks about as often as its level says")
    func heterogeneityLevel() throws {
        let count = try (0..<400).count { seed in
            let rounds = (0..<4).map { independent(20, seed: UInt64(seed * 4 + $0)) }
            return try Heterogeneity(rounds: rounds).isHigh
        }
        #expect((24...64).contains(count), "\(count) of 400 at 0.1")
    }

    @Test("rounds that cannot be compared are said to be so")
    func notCompared() throws {
        let units = try Units(
            Observations(effects: [1, 2, 3, 4, 5, 7], rounds: [0, 0, 0, 0, 0, 1]))
        #expect(units.heterogeneity == nil)
        #expect(units.warnings.contains(.roundsNotCompared))
        #expect(throws: StatisticsError.lengthsDiffer(3, 2)) {
            try Units(Observations(effects: [1, 2, 3], rounds: [0, 1]))
        }
    }

    @Test("a first fifth at another level asks for a longer warm-up, an even one does not")
    func warmUp() throws {
        var levels = independent(50, seed: 4).map { 1000 * (1 + $0) }
        #expect(try !WarmUp(levels: levels).isUnfinished)
        for index in 0..<10 { levels[index] *= 0.9 }
        #expect(try WarmUp(levels: levels).isUnfinished)
    }

    @Test("one kernel each: runs carry a comparison from six on")
    func runs() throws {
        let history = [100.0, 103, 98, 101, 99, 102]
        let comparison = try StudentT.runs(a: 100, b: 120, history: history)
        #expect(comparison.degreesOfFreedom == 5)
        #expect(comparison.p < 0.01)
        #expect(try StudentT.runs(a: 100, b: 102, history: history).p > 0.3)
        #expect(throws: StatisticsError.tooFewValues(needed: 6, given: 5)) {
            try StudentT.runs(a: 100, b: 120, history: Array(history.dropLast()))
        }
    }
}
