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

    @Test("n_eff halves when r₁ is a third")
    func effectiveCount() throws {
        let values = independent(50, seed: 9)
        let dependence = try Dependence(values)
        let r = dependence.autocorrelation
        #expect(near(dependence.effectiveCount, 50 * (1 - r) / (1 + r)))
    }

    @Test("rounds are the units wherever there are any, whether they agree or not")
    func rounds() throws {
        let rounds = (0..<40).map { $0 / 8 }
        for step in [0, 0.1] {
            let effects = (0..<5).flatMap { round in
                independent(8, seed: UInt64(round), mean: step * Double(round))
            }
            let observations = Observations(effects: effects, rounds: rounds)
            let units = try Units(observations)
            #expect(units.kind == .rounds)
            let means = (0..<5).map { round -> Double in
                effects[(8 * round)..<(8 * round + 8)].reduce(0, +) / 8
            }
            #expect(near(units.values, means))
            let margin = try EquivalenceMargin(fraction: 0.02)
            let verdict = try Verdict.judge(
                observations, rule: VerdictRule(stopping: FixedSample(), margin: margin))
            #expect(verdict.estimate.degreesOfFreedom == 4)
            #expect(verdict.estimate == (try StudentT(units.values)))
            #expect(!verdict.tags.contains(.oneBoot))
        }
        #expect(throws: StatisticsError.lengthsDiffer(3, 2)) {
            try Units(Observations(effects: [1, 2, 3], rounds: [0, 1]))
        }
    }

    @Test("neighbours that resemble each other do not change that rounds are the units")
    func dependentRounds() throws {
        let wave: [Double] = (0..<30).map { $0 % 15 / 5 % 2 == 0 ? 0 : 1 }
        let units = try Units(Observations(effects: wave, rounds: (0..<30).map { $0 / 15 }))
        #expect(units.dependence.isHigh)
        #expect(units.values.count == 2)
    }

    @Test("one round is no sample, however many blocks it has")
    func oneRound() throws {
        let observations = Observations(
            effects: independent(40, seed: 1), rounds: [Int](repeating: 0, count: 40))
        let margin = try EquivalenceMargin(fraction: 0.02)
        #expect(throws: StatisticsError.tooFewValues(needed: 2, given: 1)) {
            try Verdict.judge(
                observations, rule: VerdictRule(stopping: FixedSample(), margin: margin))
        }
    }

    @Test("the spread of boots and of their blocks is found apart")
    func spread() throws {
        var noise = Noise(seed: 2)
        let rounds = (0..<400).map { _ -> [Double] in
            let boot = 0.03 * noise.normal()
            return (0..<4).map { _ in boot + 0.02 * noise.normal() }
        }
        let spread = try RoundSpread(rounds)
        #expect(near(spread.between, 0.03, 0.003))
        let within = try #require(spread.within)
        #expect(near(within, 0.02, 0.001))
        #expect(spread.blocks == 4)
        #expect(!spread.isMostlyWithin)
        let single = try RoundSpread([[1], [2], [3]])
        #expect(single.within == nil && single.between == 1 && !single.isMostlyWithin)
        let alike = try RoundSpread([[0, 1], [1, 0], [0.1, 0.9]])
        #expect(alike.between == 0 && alike.isMostlyWithin)
    }

    @Test("what varies most is what has to grow: boots, or the blocks of each")
    func needed() throws {
        let margin = try EquivalenceMargin(fraction: 0.02)
        func needed(boot: Double, block: Double) throws -> DataNeeded? {
            // Alternating signs, so that no chance is involved.
            let effects = (0..<32).map { index in
                (index / 4 % 2 == 0 ? boot : -boot) + (index % 2 == 0 ? block : -block)
            }
            return try Verdict.judge(
                Observations(effects: effects, rounds: (0..<32).map { $0 / 4 }),
                rule: VerdictRule(stopping: FixedSample(), margin: margin)
            ).needed
        }
        guard case .rounds(let rounds)? = try needed(boot: 0.05, block: 0.01) else {
            Issue.record("not rounds")
            return
        }
        #expect(rounds > 8)
        // Blocks within cancel here, so that the boots' own part is none.
        guard case .roundBlocks? = try needed(boot: 0, block: 0.05) else {
            Issue.record("not blocks of a round")
            return
        }
    }

    @Test("as many blocks a round as are said to be needed reach the distance")
    func roundBlocks() throws {
        let rounds = [[0.1, -0.1], [0.09, -0.1], [-0.1, 0.12], [0.1, -0.08], [0.1, -0.1]]
        let spread = try RoundSpread(rounds)
        let within = try #require(spread.within)
        let blocks = try #require(
            Planning.roundBlocks(distance: 0.02, spread: spread, rounds: 5, goal: .difference))
        func reach(_ blocks: Int) throws -> Double {
            let variance = spread.between * spread.between + within * within / Double(blocks)
            return try Planning.detectable(deviation: variance.squareRoot(), blocks: 5)
        }
        #expect(try reach(blocks) <= Percent.change(ofLogRatio: 0.02))
        #expect(try reach(blocks - 1) > Percent.change(ofLogRatio: 0.02))
        let boots = try RoundSpread([[1, 1.1], [2, 2.1], [3, 3.1]])
        #expect(
            Planning.roundBlocks(distance: 0.1, spread: boots, rounds: 3, goal: .difference) == nil)
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
