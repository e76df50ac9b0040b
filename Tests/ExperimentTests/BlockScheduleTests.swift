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
}
