// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics
import Testing

@testable import Experiment
@testable import Suites

struct BlockScheduleTests {
    private let suite = ToggleHarness.suite(
        (0..<9).map { "c\($0)" }, pressures: ["none", "memcg", "anon"])

    @Test func theCoinIsFairWithinACellAndOverTheCells() {
        let schedule = Schedule(Plan(.toggle, suite, seed: 7))
        for cell in 0..<9 {
            let heads = (0..<2000).count { schedule.order(cell: cell, block: $0) == .abba }
            // Four standard deviations of 2000 tosses.
            #expect((911...1089).contains(heads), "cell \(cell): \(heads)")
        }
        let changes = (0..<2000).count {
            schedule.order(cell: 0, block: $0) != schedule.order(cell: 0, block: $0 + 1)
        }
        #expect((911...1089).contains(changes))
    }

    @Test func bothOrdersHoldEachArmTwiceAndMirrorEachOther() {
        #expect(BlockOrder.abba.arms == [.a, .b, .b, .a])
        #expect(BlockOrder.baab.arms == [.b, .a, .a, .b])
    }

    @Test func everythingIsTheSeeds() {
        let one = Schedule(Plan(.toggle, suite, seed: 1))
        let same = Schedule(Plan(.toggle, suite, seed: 1))
        let other = Schedule(Plan(.toggle, suite, seed: 2))
        let orders = { (schedule: Schedule) in
            (0..<64).map { schedule.order(cell: 3, block: $0) }
        }
        #expect(orders(one) == orders(same))
        #expect(orders(one) != orders(other))
        #expect((0..<4).map { one.cells(pass: $0) } == (0..<4).map { same.cells(pass: $0) })
        #expect(one.cells(pass: 0) != one.cells(pass: 1))
        // Pinned: a journal of today goes on with a version of tomorrow.
        #expect(
            (0..<12).map { one.order(cell: 0, block: $0) == .abba ? "A" : "B" }.joined()
                == "BBABBBABBABA")
    }

    @Test func eachRoundVisitsEachCellOnceAndEachPressureOnce() {
        for seed in 0..<20 {
            let cells = Schedule(Plan(.toggle, suite, seed: UInt64(seed))).cells(pass: seed)
            #expect(cells.sorted() == Array(0..<9))
            let groups = cells.map { $0 % 3 }
            #expect(zip(groups, groups.dropFirst()).count { $0 != $1 } == 2)
        }
    }

    @Test func neighboursOfBothArmsWorkOnTheSameData() {
        let schedule = Schedule(Plan(.toggle, suite, seed: 1))
        let seeds = (0..<4).map {
            schedule.dataSeed(.init(cell: 2, block: 5, position: $0, arm: .a))
        }
        #expect(seeds[0] == seeds[1] && seeds[2] == seeds[3] && seeds[1] != seeds[2])
    }

    @Test func aBudgetIsTheBlocksThatFitIntoIt() throws {
        let suite = try SuiteParser.parse(SuiteSource.find("smoke"))
        #expect(try StoppingPlan(budget: 60_000_000_000, suite: suite).blocks == 24)
        let error = #expect(throws: PlumblineError.self) {
            try StoppingPlan(budget: 14_999_000_000, suite: suite)
        }
        #expect(error?.kind == .usage)
        #expect(error?.remedy.contains("--budget 15.0s or more") == true, "\(error?.remedy ?? "")")
        #expect(try StoppingPlan(budget: 15_000_000_000, suite: suite).blocks == 6)
        #expect(throws: PlumblineError.self) { try StoppingPlan(blocks: 5) }
        let open = try StoppingPlan(
            untilDecided: 60_000_000_000, longest: 600_000_000_000, suite: suite)
        #expect((open.rule, open.blocks, open.most) == (.untilDecided, 24, 240))
        #expect(throws: PlumblineError.self) {
            try StoppingPlan(
                untilDecided: 60_000_000_000, longest: 30_000_000_000, suite: suite)
        }
    }

    @Test func aBudgetIsDividedEvenlyOverTheRounds() throws {
        let suite = try SuiteParser.parse(SuiteSource.find("smoke"))
        func blocks(seconds: Int, rounds: Int) throws -> Int {
            try StoppingPlan(budget: seconds * 1_000_000_000, suite: suite, rounds: rounds).blocks
        }
        // A block takes 2.5 s.
        #expect(try blocks(seconds: 60, rounds: 8) == 24)
        #expect(try blocks(seconds: 78, rounds: 8) == 24)
        #expect(try blocks(seconds: 20, rounds: 8) == 8)
        let error = #expect(throws: PlumblineError.self) { try blocks(seconds: 19, rounds: 8) }
        #expect(error?.message.contains("needs 8 of each cell, one a round") == true)
        #expect(error?.remedy.contains("--budget 20.0s or more") == true, "\(error?.remedy ?? "")")
        let open = try StoppingPlan(
            untilDecided: 65_000_000_000, longest: 130_000_000_000, suite: suite, rounds: 8)
        #expect((open.blocks, open.most) == (24, 51))
    }

    @Test func blocksAreMadeUpToAsManyInEachRound() throws {
        #expect(try StoppingPlan(blocks: 17, rounds: 8).blocks == 24)
        #expect(try StoppingPlan(blocks: 5, rounds: 5).looks == 2)
        #expect(try StoppingPlan(blocks: 16, rounds: 8).looks == 4)
        #expect(try StoppingPlan(blocks: 90, rounds: 30).looks == 8)
        #expect(try StoppingPlan(blocks: 10).looks == 5)
        #expect(try StoppingPlan(repeated: 6, rounds: 5).blocks == 10)
        #expect(throws: PlumblineError.self) { try StoppingPlan(blocks: 7, rounds: 8) }
    }
}
