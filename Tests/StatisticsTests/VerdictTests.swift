// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Statistics

@Suite("Verdicts follow the rules fixed in advance") struct VerdictTests {
    private func rule(
        _ stopping: any StoppingRule = FixedSample(),
        direction: VerdictRule.Direction = .higherIsBetter,
        areTwoImages: Bool = false
    ) throws -> VerdictRule {
        VerdictRule(
            stopping: stopping, margin: try EquivalenceMargin(fraction: 0.02),
            direction: direction, areTwoImages: areTwoImages, seed: 5)
    }

    /// Values about a mean that alternate in sign, so that nothing looks dependent.
    private func effects(_ count: Int, mean: Double, spread: Double) -> [Double] {
        (0..<count).map { index in
            mean + (index % 2 == 0 ? spread : -spread) * (1 + Double(index % 3) / 4)
        }
    }

    private func judge(_ effects: [Double], _ rule: VerdictRule) throws -> Verdict {
        try Verdict.judge(Observations(effects: effects), rule: rule)
    }

    @Test("a clear gain is improved, or regressed where lower is better")
    func direction() throws {
        let gain = effects(24, mean: 0.05, spread: 0.01)
        #expect(try judge(gain, rule()).outcome == .improved)
        #expect(try judge(gain, rule(direction: .lowerIsBetter)).outcome == .regressed)
        let loss = gain.map { -$0 }
        #expect(try judge(loss, rule()).outcome == .regressed)
        #expect(try judge(loss, rule(direction: .lowerIsBetter)).outcome == .improved)
    }

    @Test("a difference that is also small says so")
    func withinMargin() throws {
        let small = try judge(effects(48, mean: 0.005, spread: 0.004), rule())
        #expect(small.outcome == .improved)
        #expect(small.isWithinMargin)
        #expect(small.noLargerThan < 2)
        let large = try judge(effects(48, mean: 0.05, spread: 0.004), rule())
        #expect(!large.isWithinMargin)
        #expect(large.noLargerThan > 5)
    }

    @Test("no effect is equivalent with enough blocks and inconclusive with few")
    func equivalence() throws {
        let enough = try judge(effects(48, mean: 0.0003, spread: 0.02), rule())
        #expect(enough.outcome == .equivalent)
        #expect(enough.noLargerThan < 2)
        let few = try judge(effects(6, mean: 0.0003, spread: 0.05), rule())
        #expect(few.outcome == .inconclusive)
        #expect(few.noLargerThan > 2)
        guard case .blocks(let needed)? = few.needed else {
            Issue.record("\(few.needed as Any)")
            return
        }
        #expect(needed > 6)
    }

    @Test("where the estimate lies beyond the margin, a difference says how many blocks decide")
    func beyondMargin() throws {
        let blocks = effects(8, mean: 0.03, spread: 0.08)
        let verdict = try judge(blocks, rule())
        #expect(verdict.outcome == .inconclusive)
        let moments = try Moments(blocks)
        let difference = try #require(
            try Planning.blocks(distance: moments.mean, deviation: moments.deviation))
        #expect(verdict.needed == .blocks(difference))
    }

    @Test("p, level and interval tell the same story at any look of a budget")
    func consistent() throws {
        for seed in 0..<60 as Range<UInt64> {
            var noise = Noise.typical(seed)
            let effect = seed % 3 == 0 ? 0.0 : 0.03
            let blocks = try noise.blocks(48, effect: effect)
            let rule = try rule(try LookPlan(budget: 48))
            let verdict = try judge(blocks, rule)
            let differs = verdict.outcome == .improved || verdict.outcome == .regressed
            #expect(differs == (verdict.p <= verdict.level))
            #expect(differs == !verdict.interval.contains(0))
            let small = verdict.outcome == .equivalent || verdict.isWithinMargin
            #expect(small == (verdict.noLargerThan < 2))
            let mayStop = try Verdict.mayStop(Observations(effects: blocks), rule: rule)
            #expect(mayStop == (verdict.outcome != .inconclusive))
            if differs { #expect(verdict.repeatedP <= 0.08) }
        }
    }

    @Test("a budget is judged at its looks only, and at the first that decides")
    func looks() throws {
        let rule = try rule(try LookPlan(budget: 48))
        let strong = effects(48, mean: 0.1, spread: 0.01)
        let early = try judge(strong, rule)
        #expect(early.look == 1)
        #expect(early.blocks == 6)
        #expect(early.warnings.contains(.blocksNotUsed(42)))
        #expect(try judge(Array(strong.prefix(6)), rule).outcome == early.outcome)

        let weak = try judge(Array(effects(48, mean: 0.01, spread: 0.05).prefix(29)), rule)
        #expect(weak.look == 4)
        #expect(weak.blocks == 24)
        #expect(weak.warnings.contains(.blocksNotUsed(5)))

        let none = try judge(Array(strong.prefix(4)), rule)
        #expect(none.outcome == .inconclusive)
        #expect(none.look == nil)
        #expect(none.tags.contains(.tooEarly))
    }

    @Test("looks come at ⌈kN/8⌉ blocks, from 5, each with new blocks")
    func plan() throws {
        #expect(try LookPlan(budget: 24).looks.map(\.units) == [6, 9, 12, 15, 18, 21, 24])
        #expect(try LookPlan(budget: 100).looks.map(\.units) == [13, 25, 38, 50, 63, 75, 88, 100])
        let eight = try LookPlan(budget: 6, bounds: .eight)
        #expect(eight.looks.map(\.units) == [5, 6])
        #expect(eight.looks.last?.differenceLevel == GroupSequential.eight.differenceLevel(look: 8))
        #expect(try LookPlan(budget: 4).looks.isEmpty)
        #expect(throws: StatisticsError.outOfRange(parameter: "budget in units", value: 0)) {
            try LookPlan(budget: 0)
        }
    }

    @Test("with few units there is one look for every two at most, none before 5")
    func fewUnits() throws {
        for (units, looks) in [
            (5, [5]), (6, [6]), (7, [5, 7]), (8, [6, 8]), (9, [5, 7, 9]), (12, [6, 8, 10, 12]),
            (16, [6, 8, 10, 12, 14, 16]),
        ] {
            #expect(try LookPlan(budget: units).looks.map(\.units) == looks)
        }
        let numbers = [1, 5, 8, 15, 16, 250].map { GroupSequential.looks(units: $0) }
        #expect(numbers == [1, 2, 4, 7, 8, 8])
    }

    @Test("of eight rounds the sixth and the last are looked after, each at its share")
    func rounds() throws {
        let plan = try LookPlan(budget: 8)
        #expect(plan.looks.map(\.units) == [6, 8])
        #expect(plan.looks.map(\.share) == [0.75, 1])
        let bounds = try GroupSequential(looks: 4)
        let levels = (3...4).map { bounds.differenceLevel(look: $0) }
        #expect(plan.looks.map(\.differenceLevel) == levels)

        let blocks = effects(24, mean: 0.1, spread: 0.001)
        func verdict(_ count: Int) throws -> Verdict {
            try Verdict.judge(
                Observations(
                    effects: Array(blocks.prefix(count)), rounds: (0..<count).map { $0 / 3 }),
                rule: rule(plan))
        }
        let early = try verdict(15)
        #expect(early.outcome == .inconclusive)
        #expect(early.tags.contains(.tooEarly))
        let whole = try verdict(24)
        #expect(whole.outcome == .improved)
        #expect(whole.look == 3)
        #expect(whole.units.values.count == 6)
        #expect(whole.blocks == 18)
        #expect(whole.warnings.contains(.blocksNotUsed(6)))
        #expect(near(whole.level, levels[0]))
    }

    @Test("fewer than five rounds decide nothing by any rule, however many blocks they have")
    func fewRounds() throws {
        let blocks = effects(80, mean: 0.1, spread: 0.001)
        let observations = Observations(effects: blocks, rounds: (0..<80).map { $0 / 20 })
        let rules: [any StoppingRule] = [
            FixedSample(), try LookPlan(budget: 4), try LookPlan(budget: 8),
            try TMixture(expected: 8),
        ]
        for stopping in rules {
            let verdict = try Verdict.judge(observations, rule: rule(stopping))
            #expect(verdict.outcome == .inconclusive)
            #expect(verdict.tags.contains(.tooEarly))
            #expect(try !Verdict.mayStop(observations, rule: rule(stopping)))
        }
    }

    @Test("the open-ended rule decides from five blocks on, by its confidence sequence")
    func openEnded() throws {
        let rule = try rule(try TMixture(expected: 24))
        let gain = effects(40, mean: 0.08, spread: 0.01)
        #expect(try judge(Array(gain.prefix(4)), rule).outcome == .inconclusive)
        let verdict = try judge(gain, rule)
        #expect(verdict.outcome == .improved)
        #expect(verdict.p <= 0.05 && verdict.repeatedP <= verdict.p)
        #expect(verdict.plainInterval.lower > verdict.interval.lower)
        #expect(try judge(effects(200, mean: 0, spread: 0.01), rule).outcome == .equivalent)
    }

    @Test("looks before the first decision leave no trace in the always-valid p")
    func openEndedLooks() throws {
        let rule = try rule(try TMixture(expected: 24))
        // The first four agree by chance.
        let lucky = [0.1, 0.1001, 0.0999, 0.1]
        #expect(try judge(lucky, rule).repeatedP == 1)
        let rest = effects(19, mean: -0.02, spread: 0.05)
        let all = try judge(lucky + rest, rule)
        let least = try (Verdict.leastUnits...23).map { count in
            try judge(Array((lucky + rest).prefix(count)), rule).p
        }.min()
        #expect(all.units.kind == .blocks)
        #expect(near(all.repeatedP, try #require(least)))
    }

    @Test("the open-ended rule decides by rounds, from the fifth on")
    func openEndedRounds() throws {
        let rule = try rule(try TMixture(expected: 8))
        let rounds = (0..<32).map { $0 / 4 }
        let blocks = zip(rounds, effects(32, mean: 0.3, spread: 0.001)).map { round, effect in
            effect + 0.004 * Double(round)
        }
        let verdict = try Verdict.judge(Observations(effects: blocks, rounds: rounds), rule: rule)
        #expect(verdict.units.kind == .rounds)
        #expect(verdict.repeatedP < 1 && verdict.repeatedP <= verdict.p)
    }

    @Test("uneven voids make the verdict invalid whatever the effect")
    func voids() throws {
        let gain = effects(24, mean: 0.05, spread: 0.01)
        let uneven = try VoidBalance(
            a: (void: 0, good: 120), b: (void: 6, good: 114))
        let even = try VoidBalance(a: (void: 3, good: 57), b: (void: 4, good: 56))
        func outcome(_ voids: VoidBalance) throws -> Verdict.Outcome {
            try Verdict.judge(Observations(effects: gain, voids: voids), rule: rule()).outcome
        }
        #expect(try outcome(uneven) == .invalid)
        #expect(try outcome(even) == .improved)
    }

    @Test(
        "a difference between two images that comes nearer to 0 than 3% is one of images only",
        arguments: [
            (0.015, 0.01, Verdict.Outcome.imagesDiffer), (-0.015, 0.01, .imagesDiffer),
            (0.06, 0.01, .improved), (-0.06, 0.01, .regressed),
            // The estimate is above 3 %, the interval's nearer end is not.
            (0.035, 0.03, .imagesDiffer), (0, 0.01, .equivalent), (0.001, 0.2, .inconclusive),
        ])
    func layout(mean: Double, spread: Double, outcome: Verdict.Outcome) throws {
        let effects = effects(48, mean: mean, spread: spread)
        #expect(try judge(effects, rule(areTwoImages: true)).outcome == outcome)
        let oneImage = try judge(effects, rule()).outcome
        #expect(
            oneImage == (outcome == .imagesDiffer ? (mean > 0 ? .improved : .regressed) : outcome))
    }

    @Test("an effect of rare stalls alone is tagged as a shift of the tail")
    func tailShift() throws {
        let effects = (0..<60).map { index in
            (index % 5 == 0 ? 0.3 : 0.0) + (index % 2 == 0 ? 0.001 : -0.001)
        }
        #expect(try judge(effects, rule()).tags.contains(.tailShift))
        #expect(
            try !judge(self.effects(60, mean: 0.05, spread: 0.01), rule()).tags.contains(
                .tailShift))
    }

    @Test("effects without spread are claimed only as far as equal signs allow, and warned of")
    func noSpread() throws {
        let few = try judge([Double](repeating: 0.05, count: 6), rule())
        #expect(near(few.p, 1.0 / 32))
        #expect(few.outcome == .improved)
        #expect(few.warnings.contains(.noSpread))
        let none = try judge([Double](repeating: 0, count: 6), rule())
        #expect(none.p == 1)
        #expect(none.outcome == .equivalent)
    }
}
