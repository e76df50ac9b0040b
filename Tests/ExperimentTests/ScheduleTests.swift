// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Testing

@testable import Experiment
@testable import Suites

extension Schedule {
    /// The steps of a pass with one block of each cell.
    func steps(pass: Int, cells: Set<Int>) -> [Step] {
        let blocks = Dictionary(uniqueKeysWithValues: cells.map { ($0, pass..<pass + 1) })
        return visits(pass: pass, blocks: blocks).flatMap(\.steps)
    }
}

struct ScheduleTests {
    private let suite = SuiteRecord(
        name: "test", summary: "", slice: 500_000_000, guardTime: 100_000_000,
        warmup: 1_000_000_000, slices: 4, pressureThreshold: 100,
        cells: (0..<9).map { index in
            CellPlan(
                name: "c\(index)", workload: "pipe", settings: [:],
                pressure: ["none", "memcg", "memcg"][index % 3],
                pressureSettings: index % 3 == 2 ? ["limit": 5] : [:])
        })

    private func schedule(_ kind: Plan.Kind, seed: UInt64) -> Schedule {
        Schedule(Plan(kind, suite, seed: seed))
    }

    private let all = Set(0..<9)

    @Test func eachPassOfARunVisitsEachCellOnce() {
        for pass in 0..<4 {
            let steps = schedule(.run, seed: 3).steps(pass: pass, cells: all)
            #expect(steps.allSatisfy { $0.block == pass && $0.position == 0 })
            #expect(steps.map(\.cell).sorted() == Array(0..<9))
        }
    }

    @Test func cellsOfOnePressureAreNeighboursInAPass() {
        for seed in 0..<20 {
            for pass in 0..<4 {
                let steps = schedule(.run, seed: UInt64(seed)).steps(pass: pass, cells: all)
                let groups = steps.map { $0.cell % 3 }
                #expect(zip(groups, groups.dropFirst()).count { $0 != $1 } == 2)
            }
        }
    }

    @Test func theOrderIsTheSeedsAndDiffersBetweenPassesAndSeeds() {
        func cells(_ seed: UInt64, _ pass: Int) -> [Int] {
            schedule(.run, seed: seed).steps(pass: pass, cells: all).map(\.cell)
        }
        #expect(cells(1, 0) == cells(1, 0))
        #expect((0..<4).map { cells(1, $0) } != (0..<4).map { cells(2, $0) })
        #expect(cells(1, 0) != cells(1, 1))
    }

    @Test func cellsThatAreDoneAreLeftOut() {
        let steps = schedule(.toggle, seed: 1).steps(pass: 2, cells: [4, 7])
        #expect(Set(steps.map(\.cell)) == [4, 7])
        #expect(steps.count == 8)
    }

    @Test func whereOneArmIsUpAtATimeEachArmGetsItsHalfOfEveryBlock() {
        let machine = GuestMachine(label: "", place: "", agent: .init(executable: ""))
        let plan = try? Plan.ab(
            suite, a: machine, b: machine, stopping: StoppingPlan(blocks: 6), equivalence: 0.02,
            rounds: nil, seed: 1)
        guard let plan else {
            Issue.record("no plan")
            return
        }
        let steps = Schedule(plan).steps(pass: 3, cells: all)
        let half = steps.count / 2
        #expect(Set(steps[..<half].map(\.arm)).count == 1)
        #expect(Set(steps[half...].map(\.arm)) == [steps[0].arm.other])
        for cell in all {
            #expect(steps.filter { $0.cell == cell }.map(\.position) == [0, 1, 2, 3])
        }
    }

    @Test func theGeneratorIsTheSameOnEveryMachine() {
        var generator = SplitMix64(seed: 0)
        #expect(generator.next() == 0xe220_a839_7b1d_cdaf)
        #expect(generator.next() == 0x6e78_9e6a_a1b9_65f4)
    }

    @Test func everyOrderOfThreeIsAboutEquallyLikely() {
        var generator = SplitMix64(seed: 5)
        var counts: [[Int]: Int] = [:]
        for _ in 0..<6000 { counts[generator.shuffled([0, 1, 2]), default: 0] += 1 }
        #expect(counts.count == 6)
        #expect(counts.values.allSatisfy { (850...1150).contains($0) })
    }

    @Test func plannedTimeCountsSlicesGuardsAndWarmups() {
        #expect(Plan(.run, suite, seed: 0).plannedTime == 9 * (4 * 600_000_000 + 900_000_000))
    }

    @Test(arguments: [
        ("*", "a/b", true), ("pipe/*", "pipe/1w1r/none", true), ("pipe/*", "dio/x", false),
        ("*/none", "pipe/1/none", true), ("*/none", "pipe/1/none2", false), ("", "", true),
        ("a?c", "abc", true), ("a?c", "ac", false), ("[ab]x", "bx", true), ("[ab]x", "cx", false),
        ("*a*b*c", "xxaxxbxxbxxc", true), ("*a*b*c", "xxaxxcxx", false), ("**", "", true),
        ("[", "[", true),
    ])
    func globsMatchWholeNames(pattern: String, text: String, fits: Bool) {
        #expect(Glob(pattern).matches(text) == fits)
    }

    @Test func timestampsAreUTC() {
        #expect(Timestamp.compact(0) == "19700101T000000Z")
        #expect(Timestamp.readable(1_709_210_096_000_000_000) == "2024-02-29 12:34:56 UTC")
        #expect(Timestamp.compact(1_798_761_599_999_999_999) == "20261231T235959Z")
    }
}
