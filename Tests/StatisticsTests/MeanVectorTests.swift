// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Statistics

@Suite("Tests of means agree with the reference numbers") struct MeanVectorTests {
    @Test("one-sample t, its intervals, and two one-sided tests")
    func oneSample() throws {
        for entry in try Vectors.cases("one_sample_t_and_TOST") {
            let d = try entry.numbers("d")
            let test = try StudentT(d)
            #expect(near(test.estimate, try entry.number("mean")))
            #expect(near(try Moments(d).deviation, try entry.number("sd")))
            #expect(near(test.standardError, try entry.number("se")))
            #expect(near(test.t, try entry.number("t")))
            #expect(near(test.degreesOfFreedom, try entry.number("df")))
            #expect(near(test.p, try entry.number("p")))
            let wide = try test.interval()
            let narrow = try test.interval(confidence: 0.9)
            #expect(near(ends(wide), try entry.numbers("CI95_log")))
            #expect(near(ends(wide.percent), try entry.numbers("CI95_pct")))
            #expect(near(ends(narrow), try entry.numbers("CI90_log")))
            #expect(
                near(narrow.largestChange, try entry.number("smallest_claimable_X_pct")))
            try equivalence(test, entry, narrow)
        }
    }

    private func equivalence(_ test: StudentT, _ entry: Vectors, _ narrow: Interval) throws {
        let expected = try #require(entry["TOST"])
        let margin = try EquivalenceMargin(fraction: try expected.number("X"))
        let result = EquivalenceTest(test, margin: margin)
        #expect(near([margin.lower, margin.upper], try expected.numbers("bounds_log")))
        #expect(near(result.pLower, try expected.number("p_lower")))
        #expect(near(result.pUpper, try expected.number("p_upper")))
        #expect(near(result.p, try expected.number("p")))
        #expect(near(result.pLower, try entry.number("non_inferior_p(mean>-X)")))
        guard case .truth(let holds)? = expected["equivalent_at_0.05"] else { return }
        #expect((result.p <= 0.05) == holds)
        #expect(margin.holds(narrow) == holds)
    }

    @Test("Welch's t on logarithms, its intervals and equivalence")
    func welch() throws {
        for entry in try Vectors.cases("welch_log") {
            let test = try StudentT.welch(
                from: try entry.numbers("x").map(logarithm),
                to: try entry.numbers("y").map(logarithm))
            #expect(near(test.estimate, try entry.number("log_diff_mean")))
            #expect(near(test.t, try entry.number("t")))
            #expect(near(test.degreesOfFreedom, try entry.number("df")))
            #expect(near(test.p, try entry.number("p")))
            #expect(near(ends(try test.interval()), try entry.numbers("CI95_log")))
            #expect(near(ends(try test.interval(confidence: 0.9)), try entry.numbers("CI90_log")))
            let margin = try EquivalenceMargin(fraction: 0.05)
            #expect(
                near(EquivalenceTest(test, margin: margin).p, try entry.number("TOST_X0.05_p")))
        }
    }

    @Test("values that weigh the same have the plain mean and its error, others that of their sums")
    func weighted() throws {
        for entry in try Vectors.cases("one_sample_t_and_TOST") {
            let d = try entry.numbers("d")
            let test = try StudentT(d, weights: d.map { _ in 7 })
            #expect(near(test.estimate, try entry.number("mean")))
            #expect(near(test.standardError, try entry.number("se")))
            #expect(test.degreesOfFreedom == Double(d.count - 1))
        }
        // (1 + 3 · 2) / 4, and √(2 · (0.75² + 0.75²)) / 4.
        let test = try StudentT([1, 2], weights: [1, 3])
        #expect(test.estimate == 1.75)
        #expect(near(test.standardError, 0.375))
        // The same to the last digit, whatever adding them up rounds.
        let exact = try StudentT([14.1, 14.1, 14.1], weights: [3, 7, 11])
        #expect(exact.estimate == 14.1 && exact.standardError == 0)
        #expect(throws: StatisticsError.tooFewValues(needed: 3, given: 2)) {
            try StudentT([1, 2, 3], weights: [1, 1])
        }
        #expect(throws: StatisticsError.notPositive(quantity: "weight", value: 0)) {
            try StudentT([1, 2], weights: [1, 0])
        }
    }

    @Test("the interval of a mean of ratios holds in 19 of 20 cases, where weights vary fourfold")
    func weightedCoverage() throws {
        var noise = Noise(seed: 7)
        var held = 0
        for _ in 0..<4000 {
            let weights = (0..<6).map { _ in 1 + 3 * noise.uniform() }
            // A count of events has a variance in proportion to its base, and so a ratio 1 / base.
            let values = weights.map { 10 + noise.normal() / $0.squareRoot() }
            let interval = try StudentT(values, weights: weights).interval()
            if interval.lower <= 10, interval.upper >= 10 { held += 1 }
        }
        #expect((0.93...0.97).contains(Double(held) / 4000))
    }

    @Test("a whole experiment from raw counts: effects, tests, planning")
    func rawBlocks() throws {
        let entry = try Vectors.section("raw_block_example")
        let effects = try blocks(entry).map(\.logRatio)
        #expect(near(effects, try entry.numbers("d")))
        let moments = try Moments(effects)
        let test = StudentT(moments)
        #expect(near(test.estimate, try entry.number("mean")))
        #expect(near(moments.deviation, try entry.number("sd")))
        #expect(near(Percent.change(ofLogRatio: test.estimate), try entry.number("effect_pct")))
        #expect(near(ends(try test.interval().percent), try entry.numbers("CI95_pct")))
        #expect(near(test.p, try entry.number("p_t")))
        #expect(
            near(try SignFlip(effects, seed: 1).p, try entry.number("p_signflip_exact_4096")))
        let hodgesLehmann = try HodgesLehmann(effects)
        #expect(near(hodgesLehmann.estimate, try entry.number("HL")))
        #expect(
            near(try Dependence(effects).autocorrelation, try entry.number("lag1_autocorr")))
        let n = effects.count
        #expect(
            near(
                try Planning.detectable(deviation: moments.deviation, blocks: n),
                try entry.number("MDE80_pct")))
        #expect(
            near(
                try Planning.detectable(
                    deviation: moments.deviation, blocks: n, goal: .equivalence),
                try entry.number("equivX80_pct")))
    }

    @Test("the ratio of an experiment's grand totals is that of one big block")
    func grandTotals() throws {
        let entry = try Vectors.section("raw_block_example")
        let slices = try slices(entry)
        let arms = try orders(entry).flatMap(\.isCandidate)
        let whole = try BlockEffect(
            a: zip(slices, arms).filter { !$0.1 }.map(\.0),
            b: zip(slices, arms).filter { $0.1 }.map(\.0))
        #expect(near(whole.percent, try entry.number("ratio_of_grand_totals_pct")))
    }

    private func orders(_ entry: Vectors) throws -> [BlockOrder] {
        try #require(entry["order"]?.list).compactMap {
            if case .text(let order) = $0 { BlockOrder(rawValue: order) } else { nil }
        }
    }

    private func slices(_ entry: Vectors) throws -> [SliceTotal] {
        zip(try entry.numbers("ops"), try entry.numbers("secs")).map {
            SliceTotal(operations: $0, seconds: $1)
        }
    }

    private func blocks(_ entry: Vectors) throws -> [BlockEffect] {
        let slices = try slices(entry)
        return try orders(entry).enumerated().map { index, order in
            let ran = zip(slices[(4 * index)..<(4 * index + 4)], order.isCandidate)
            return try BlockEffect(
                a: ran.filter { !$0.1 }.map(\.0), b: ran.filter { $0.1 }.map(\.0))
        }
    }
}

func ends(_ interval: Interval) -> [Double] { [interval.lower, interval.upper] }
