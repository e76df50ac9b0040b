// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Statistics

@Suite("Bad input is refused by name") struct BadInputTests {
    /// Every statistic of one list of values.
    static let statistics: [@Sendable ([Double]) throws -> Void] = [
        { _ = try Moments($0) }, { _ = try StudentT($0) },
        { _ = try StudentT($0, weights: $0.map { _ in 1 }) }, { _ = try SignFlip($0, seed: 0) },
        { _ = try HodgesLehmann($0) },
        { _ = try StudentT.welch(from: $0, to: [1, 2]) },
        { _ = try StudentT.pooled(from: [1, 2], to: $0) },
        { _ = try Dependence($0) }, { _ = try RoundSpread([$0, [1, 2]]) },
        { _ = try TMixture(spread: 1).evidence($0) },
        { _ = try TMixture(spread: 1).alwaysValidP($0) },
        { _ = try TMixture(spread: 1).interval($0) },
        { _ = try Verdict.judge(Observations(effects: $0), rule: fixed()) },
    ]

    static func fixed() throws -> VerdictRule {
        VerdictRule(stopping: FixedSample(), margin: try EquivalenceMargin(fraction: 0.02))
    }

    @Test("NaN, infinity and an empty list, by every statistic", arguments: statistics.indices)
    func values(index: Int) {
        let statistic = Self.statistics[index]
        for bad in [Double.nan, .infinity, -.infinity] {
            #expect(throws: StatisticsError.notFinite(index: 3)) {
                try statistic([1, 2, 3, bad, 5, 6, 7])
            }
        }
        #expect {
            try statistic([])
        } throws: { error in
            if case .tooFewValues(_, 0)? = error as? StatisticsError { true } else { false }
        }
    }

    @Test("slices without counts, without time, or with NaN in either")
    func slices() throws {
        let good = SliceTotal(operations: 10, seconds: 0.5)
        for bad in [
            SliceTotal(operations: 0, seconds: 0.5), SliceTotal(operations: -1, seconds: 0.5),
            SliceTotal(operations: .nan, seconds: 0.5), SliceTotal(operations: 1, seconds: 0),
            SliceTotal(operations: 1, seconds: -1), SliceTotal(operations: 1, seconds: .nan),
            SliceTotal(operations: .infinity, seconds: 1),
        ] {
            #expect(throws: StatisticsError.self) { try BlockEffect(a: [good], b: [bad]) }
            #expect(throws: StatisticsError.self) { try BlockEffect(a: [bad], b: [good]) }
        }
        #expect(throws: StatisticsError.tooFewValues(needed: 1, given: 0)) {
            try BlockEffect(a: [good], b: [])
        }
    }

    @Test("too few values are refused with the number that is needed")
    func tooFew() {
        #expect(throws: StatisticsError.tooFewValues(needed: 2, given: 1)) { try StudentT([1]) }
        #expect(throws: StatisticsError.tooFewValues(needed: 10, given: 9)) {
            try WarmUp(levels: [Double](repeating: 1, count: 9))
        }
        #expect(throws: StatisticsError.tooFewValues(needed: 2, given: 1)) {
            try RoundSpread([[1, 2, 3]])
        }
    }

    @Test("parameters out of range")
    func parameters() throws {
        for bad in [0, 1, -0.1, 1.5, Double.nan] {
            #expect(throws: StatisticsError.self) { try EquivalenceMargin(fraction: bad) }
            #expect(throws: StatisticsError.self) {
                try StudentT([1, 2]).interval(confidence: bad)
            }
        }
        for bad in [0, -1, Double.nan, .infinity] {
            #expect(throws: StatisticsError.self) { try TMixture(spread: bad) }
        }
        for bad in [0, -1, 101] {
            #expect(throws: StatisticsError.self) { try GroupSequential(looks: bad) }
        }
        for bad in [[], [0.5, -0.1], [1.1], [Double.nan]] {
            #expect(throws: StatisticsError.self) { try Multiplicity.holm(bad) }
        }
        #expect(throws: StatisticsError.self) {
            try VoidBalance(a: (void: -1, good: 2), b: (void: 1, good: 2))
        }
        #expect(throws: StatisticsError.self) {
            try Planning.detectable(deviation: .nan, blocks: 9)
        }
        #expect(throws: StatisticsError.self) { try Planning.detectable(deviation: 1, blocks: 1) }
        #expect(throws: StatisticsError.self) { try ChangePoints([1, 2], level: 0.5) }
    }

    @Test("an error says what is wrong and what would do")
    func texts() {
        #expect(
            StatisticsError.tooFewValues(needed: 6, given: 3).description
                == "3 values are too few: at least 6 are needed")
        #expect(
            StatisticsError.notPositive(quantity: "operations", value: 0).description
                == "operations must be above zero, not 0.0")
    }
}
