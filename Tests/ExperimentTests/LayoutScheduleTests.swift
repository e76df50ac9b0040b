// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Testing

@testable import Experiment

@Suite(.serialized)
struct LayoutScheduleTests {
    private func schedule(layouts: Int, seed: UInt64, isOneKernel: Bool = false) -> Schedule {
        func arm(_ image: String) -> ComparisonRecord.Arm {
            .init(
                label: image,
                guest: .init(
                    image: image, accelerator: "tcg", metric: .time, machine: "microvm", cpus: 2,
                    memory: 1 << 30, nodes: 1, pins: [], commandLine: ""))
        }
        let arms = ComparisonRecord.Arms(a: arm("x"), b: arm(isOneKernel ? "x" : "y"))
        var comparison = ComparisonRecord(arms: arms, rule: .budget, blocks: 8, rounds: 8)
        comparison.relinks = layouts > 0 ? Array(0..<layouts) : nil
        return Schedule(Plan(.ab, ToggleHarness.suite(["a"]), seed: seed, comparison: comparison))
    }

    @Test func everyLayoutComesOnceBeforeOneComesAgain() {
        for seed in 1...20 {
            let schedule = schedule(layouts: 5, seed: UInt64(seed))
            for arm in Arm.allCases {
                let drawn = (0..<20).map { schedule.layout(round: $0, arm: arm) }
                for start in stride(from: 0, to: 20, by: 5) {
                    #expect(drawn[start..<start + 5].sorted() == [0, 1, 2, 3, 4])
                }
                #expect(drawn == (0..<20).map { schedule.layout(round: $0, arm: arm) })
            }
        }
        #expect(schedule(layouts: 0, seed: 1).layout(round: 3, arm: .b) == 0)
    }

    @Test func theArmsDrawIndependently() {
        var pairs: [[Int]: Int] = [:]
        for seed in 1...900 {
            let schedule = schedule(layouts: 3, seed: UInt64(seed))
            let pair = Arm.allCases.map { schedule.layout(round: 0, arm: $0) }
            pairs[pair, default: 0] += 1
        }
        // Nine pairs with 100 each are expected; six deviations are allowed.
        #expect(pairs.count == 9)
        #expect(pairs.values.allSatisfy { (40...160).contains($0) })
    }

    @Test func armsOfOneKernelNeverShareALayoutWithinAComparison() {
        for seed in 1...20 {
            let schedule = schedule(layouts: 16, seed: UInt64(seed), isOneKernel: true)
            for first in [0, 8] {
                let drawn = Arm.allCases.map { arm in
                    (first..<first + 8).map { schedule.layout(round: $0, arm: arm) }
                }
                #expect((drawn[0] + drawn[1]).sorted() == Array(0..<16))
            }
        }
    }

    @Test(arguments: [3, nil])
    func eachRoundBootsTheLayoutsThatItDrewAndTheJournalKeepsThem(rounds: Int?) async throws {
        let pair = try PairHarness(relinks: [0, 16, 32])
        #expect(try await pair.run(rounds: rounds, cells: ["a"]).isComplete)
        let journal = try pair.journal
        #expect(journal.header.plan.comparison?.relinks == [0, 16, 32])
        let schedule = Schedule(journal.header.plan)
        for round in journal.rounds {
            for (arm, host) in round.hosts {
                let layout = schedule.layout(round: round.round, arm: arm)
                #expect(round.layouts?[arm] == layout)
                #expect(host.buildID == ["ab12", "cd0", "cd1"][layout])
            }
        }
        let labels = pair.progress.compactMap { event in
            if case .booting(_, let label) = event { label } else { nil }
        }
        #expect(
            Set(labels.map { String($0.suffix(9)) }) == [" layout 0", " layout 1", " layout 2"])
    }

    @Test func aResumeGoesOnWithTheSameLayouts() async throws {
        let first = try PairHarness(stopAfter: 12, relinks: [0, 16, 32])
        #expect(try await first.run(cells: ["a"]).interrupted)
        let second = try PairHarness(relinks: [0, 16, 32])
        #expect(try await second.resume(first).isComplete)
        let journal = try second.journal
        let schedule = Schedule(journal.header.plan)
        for round in journal.rounds {
            #expect(
                round.layouts
                    == [
                        .a: schedule.layout(round: round.round, arm: .a),
                        .b: schedule.layout(round: round.round, arm: .b),
                    ])
        }
    }
}
