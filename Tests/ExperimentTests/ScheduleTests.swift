// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import Testing

@testable import Experiment
@testable import Suites

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

    @Test func eachRoundVisitsEachCellOnce() {
        let visits = Schedule(suite, seed: 3).visits
        for round in 0..<4 {
            let cells = visits[(round * 9)..<(round * 9 + 9)]
            #expect(cells.allSatisfy { $0.number == round })
            #expect(Set(cells.map(\.cell)) == Set(0..<9))
        }
    }

    @Test func cellsOfOnePressureStandTogetherInARound() {
        for seed in 0..<20 {
            let visits = Schedule(suite, seed: UInt64(seed)).visits
            for round in 0..<4 {
                let groups = visits[(round * 9)..<(round * 9 + 9)].map { $0.cell % 3 }
                let changes = zip(groups, groups.dropFirst()).count { $0 != $1 }
                #expect(changes == 2)
            }
        }
    }

    @Test func theOrderIsTheSeedsAndDiffersBetweenRoundsAndSeeds() {
        let one = Schedule(suite, seed: 1).visits
        #expect(one == Schedule(suite, seed: 1).visits)
        #expect(one != Schedule(suite, seed: 2).visits)
        #expect(one[0..<9].map(\.cell) != one[9..<18].map(\.cell))
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
        #expect(Schedule.plannedTime(suite) == 9 * (4 * 600_000_000 + 900_000_000))
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
