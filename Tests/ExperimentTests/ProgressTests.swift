// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Linux
import Statistics
import Synchronization
import Testing

@testable import Experiment

/// What an experiment reports while it runs.
@Suite struct ProgressTests {
    private final class Seen: Sendable {
        private let events = Mutex<[ProgressEvent]>([])
        func add(_ event: ProgressEvent) { events.withLock { $0.append(event) } }
        var all: [ProgressEvent] { events.withLock { $0 } }
        var slices: [(cell: String, done: Int, total: Int)] {
            all.compactMap {
                if case .slice(let cell, let done, let total, _) = $0 {
                    (cell, done, total)
                } else {
                    nil
                }
            }
        }
        var estimates: [(cell: String, estimate: CellEstimate)] {
            all.compactMap {
                if case .estimate(let cell, let estimate) = $0 { (cell, estimate) } else { nil }
            }
        }
    }

    private func events(_ plan: Plan, on target: FakeTarget) async throws -> Seen {
        let path = "/tmp/plumbline-progress-\(UInt64.random(in: 0 ... .max)).jsonl"
        defer { try? SystemFile.unlink(path) }
        let seen = Seen()
        var runner = try ExperimentRunner(
            plan, on: target, journal: JournalWriter.create(at: path), isInterrupted: { false },
            report: { seen.add($0) })
        _ = try await runner.run()
        return seen
    }

    private func toggle(blocks: Int, cells: [String]) throws -> Plan {
        var plan = Plan(.toggle, ToggleHarness.suite(cells), seed: 1)
        plan.comparison = try StoppingPlan(blocks: blocks).record(
            arms: .init(a: .init(label: "x"), b: .init(label: "x")),
            knobs: [.init(kind: .command, target: "sh", a: "true", b: "true")], equivalence: 0.02)
        return plan
    }

    private func kernels(rounds: Int?, blocks: Int) throws -> Plan {
        let machine = GuestMachine(label: "x", place: "", agent: .init(executable: ""))
        return Plan.ab(
            ToggleHarness.suite(["a", "b"]), a: machine, b: machine,
            stopping: try StoppingPlan(blocks: blocks), equivalence: 0.02, rounds: rounds, seed: 1)
    }

    @Test("the total is that of the plan, and what is done never shrinks, whatever is void")
    func total() async throws {
        var target = FakeTarget(armsShareMachine: true)
        target.answer = { order, _ in
            order.order % 7 == 0 ? .done(FakeTarget.slice(order, void: true)) : nil
        }
        let seen = try await events(toggle(blocks: 12, cells: ["a", "b"]), on: target).slices
        #expect(Set(seen.map(\.total)) == [2 * 4 * 13])
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.done <= $1.done })
        #expect(seen.allSatisfy { $0.done < $0.total })
        #expect(seen.first?.done == 0)
    }

    @Test("without a void each slice counts one")
    func steps() async throws {
        let target = FakeTarget(armsShareMachine: true)
        let seen = try await events(toggle(blocks: 6, cells: ["a"]), on: target).slices
        #expect(seen.map(\.done) == Array(0..<28))
    }

    @Test("a void round is made good for without another total")
    func voidRound() async throws {
        var target = FakeTarget(armsShareMachine: false)
        target.complaint = { $0 == 1 ? Loss(arm: .b, error: .failure("the clock stopped")) : nil }
        let seen = try await events(kernels(rounds: 3, blocks: 6), on: target).slices
        #expect(Set(seen.map(\.total)) == [2 * 4 * 6])
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.done <= $1.done })
    }

    @Test("a toggle tells its estimate after each block, a pair of kernels after each round")
    func estimates() async throws {
        let blocks = try await events(
            toggle(blocks: 6, cells: ["a"]), on: FakeTarget(armsShareMachine: true)
        ).estimates
        #expect(blocks.map(\.estimate.done) == [3, 4, 5, 6])
        #expect(blocks.allSatisfy { !$0.estimate.countsRounds && $0.estimate.planned == 6 })
        let rounds = try await events(
            kernels(rounds: 5, blocks: 10), on: FakeTarget(armsShareMachine: false)
        ).estimates.filter { $0.cell == "a" }
        #expect(rounds.map(\.estimate.done) == [3, 4, 5])
        #expect(rounds.allSatisfy { $0.estimate.countsRounds && $0.estimate.planned == 5 })
    }

    @Test("an estimate is the mean of the units with its t interval, from three units on")
    func interval() throws {
        func estimate(_ effects: [Double]) -> CellEstimate? {
            CellEstimate(Observations(effects: effects), countsRounds: false, planned: 8)
        }
        #expect(estimate([0.1, 0.2]) == nil)
        let found = try #require(estimate([0.1, 0.2, 0.3]))
        // 0.2 ± 4.30265 · 0.1/√3, and 100 · (e^x − 1).
        #expect(abs(found.change - 22.1403) < 0.001)
        #expect(abs(found.interval.lower + 4.7261) < 0.001)
        #expect(abs(found.interval.upper - 56.5826) < 0.001)
        #expect(found.done == 3)
        let narrower = try #require(estimate([0.1, 0.2, 0.3, 0.1, 0.2, 0.3]))
        #expect(
            narrower.interval.upper - narrower.interval.lower
                < found.interval.upper - found.interval.lower)
    }

    @Test("the remaining time counts boots, and for each cell what its slices took on top")
    func remaining() {
        var time = RemainingTime()
        let plan = Duration.seconds(10)
        #expect(time.estimate(planned: plan, slices: [10, 10], boots: 4) == plan)
        time.add(boots: 2, took: .seconds(8))
        time.add(boots: 0, took: .seconds(2))
        #expect(time.estimate(planned: plan, slices: [10, 10], boots: 4) == .seconds(30))
        time.add(cell: 0, planned: .seconds(1), observed: .seconds(3))
        #expect(time.estimate(planned: plan, slices: [10, 0], boots: 0) == .seconds(30))
        // The second cell is taken for one like the first until it ran.
        #expect(time.estimate(planned: plan, slices: [10, 10], boots: 0) == .seconds(50))
        time.add(cell: 1, planned: .seconds(1), observed: .milliseconds(500))
        #expect(time.estimate(planned: plan, slices: [10, 10], boots: 0) == .seconds(30))
    }
}
