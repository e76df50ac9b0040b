// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Linux
import Protocol
import Synchronization
import Testing

@testable import Experiment

/// The one loop, on a target that does what no machine does on demand.
@Suite struct ExperimentRunnerTests {
    /// A journal's file that goes with its value.
    private final class Place {
        let path = "/tmp/plumbline-runner-\(UInt64.random(in: 0 ... .max)).jsonl"
        deinit { try? SystemFile.unlink(path) }
        var journal: StoredJournal { get throws { try StoredJournal(readingFrom: path) } }
    }

    /// Measures, or goes on where there is a journal, until so many slices were asked for.
    private func run(
        _ plan: Plan, on target: FakeTarget, in place: Place, stopAfter: Int = .max
    ) async throws -> Outcome {
        let isNew = !SystemFile.exists(place.path)
        let (writer, journal) =
            isNew
            ? (try JournalWriter.create(at: place.path), nil)
            : try JournalWriter.resume(at: place.path)
        let calls = target.calls
        var runner = try ExperimentRunner(
            plan, on: target, journal: writer,
            isInterrupted: {
                stopAfter < .max && calls.all.count { $0.hasPrefix("measure") } >= stopAfter
            }, report: { _ in })
        if let journal { return try await runner.resume(journal) }
        return try await runner.run()
    }

    private func toggle(blocks: Int = 6, cells: [String] = ["a"]) throws -> Plan {
        var plan = Plan(.toggle, ToggleHarness.suite(cells), seed: 1)
        plan.comparison = try StoppingPlan(blocks: blocks).record(
            arms: .init(a: .init(label: "x"), b: .init(label: "x")),
            knobs: [.init(kind: .command, target: "sh", a: "true", b: "true")], equivalence: 0.02)
        return plan
    }

    private func kernels(rounds: Int, blocks: Int = 6, cells: [String] = ["a"]) throws -> Plan {
        let machine = GuestMachine(label: "x", place: "", agent: .init(executable: ""))
        return Plan.ab(
            ToggleHarness.suite(cells), a: machine, b: machine,
            stopping: try StoppingPlan(blocks: blocks, rounds: rounds), equivalence: 0.02,
            rounds: rounds, seed: 1)
    }

    /// The rounds of two blocks each.
    private func twice(_ rounds: [Int]) -> [Int?] { rounds.flatMap { [$0, $0] } }

    /// Two blocks a round of cell `a`, whose arms are alike, and of cell `b`, whose boots of B have
    /// twice the rate or half of it in turn.
    private func unlikeBoots() -> FakeTarget {
        var target = FakeTarget(armsShareMachine: false)
        target.answer = { order, arm in
            guard order.cell == "b", arm == .b else { return nil }
            var slice = FakeTarget.slice(order)
            slice.operations = order.number / 4 % 2 == 0 ? 20 : 5
            return .done(slice)
        }
        return target
    }

    @Test func aRunIsOneRoundThatMeasuresEachCellsSlices() async throws {
        var suite = ToggleHarness.suite(["a", "b"])
        suite.slices = 2
        let target = FakeTarget(armsShareMachine: true)
        let place = Place()
        #expect(try await run(Plan(.run, suite, seed: 1), on: target, in: place).isComplete)
        #expect(target.calls.all.first == "open 0")
        #expect(target.calls.all.last == "close")
        let measured = target.calls.all.filter { $0.hasPrefix("measure") }
        #expect(Set(measured) == ["measure a A", "measure b A"])
        #expect(measured.count == 4)
        let journal = try place.journal
        #expect(journal.slices.allSatisfy { $0.arm == nil && $0.block == nil })
        #expect(journal.header.plan.kind == .run)
    }

    @Test func anArmIsSelectedBeforeEachSliceOfIt() async throws {
        let target = FakeTarget(armsShareMachine: true)
        _ = try await run(toggle(), on: target, in: Place())
        var selected = ""
        for call in target.calls.all {
            if call.hasPrefix("select") { selected = String(call.suffix(1)) }
            if call.hasPrefix("measure") { #expect(call.suffix(1) == selected) }
        }
        #expect(target.calls.all.count { $0.hasPrefix("measure") } == 4 * 7)
    }

    @Test func aVisitPreparesEachArmOnceMeasuresItsBlocksAndReleasesBoth() async throws {
        let target = FakeTarget(armsShareMachine: true)
        var plan = try toggle(blocks: 12, cells: ["a", "b"])
        // Two blocks a visit.
        plan.suite.slice = 240_000_000
        plan.suite.guardTime = 10_000_000
        let place = Place()
        _ = try await run(plan, on: target, in: place)
        var resident: Set<String> = []
        var measured = 0
        var lengths: [Int] = []
        for call in target.calls.all {
            let arm = String(call.suffix(1))
            if call.hasPrefix("prepare") {
                #expect(resident.insert(arm).inserted)
            } else if call.hasPrefix("measure") {
                #expect(resident.contains(arm))
                measured += 1
            } else if call.hasPrefix("release") {
                #expect(resident.remove(arm) != nil)
                if resident.isEmpty {
                    lengths.append(measured)
                    measured = 0
                }
            }
        }
        #expect(resident.isEmpty)
        // Two blocks each, and one where a cell was done.
        #expect(Set(lengths) == [4, 8])
        let visits = try place.journal.slices.filter { $0.cell == "a" }.map(\.visit)
        #expect(visits == visits.sorted() && Set(visits) == Set(0...(visits.last ?? 0)))
    }

    @Test func anArmWhoseWorkersAreGoneIsPreparedAnew() async throws {
        var target = FakeTarget(armsShareMachine: true)
        target.answer = { order, arm in
            guard arm == .a, order.number == 4 else { return nil }
            var slice = FakeTarget.slice(order)
            slice.validity = Validity([.workerFailed: "a worker was killed by signal 9"])
            return .done(slice)
        }
        let place = Place()
        #expect(try await run(toggle(), on: target, in: place).isComplete)
        let blocks = try place.journal.blocks(of: "a")
        #expect(blocks.count { $0.state.isVoid } == 1)
        #expect(blocks.count { $0.state.isCounted } == 6)
        let prepared = target.calls.all.filter { $0 == "prepare a A" }
        let released = target.calls.all.filter { $0 == "release A" }
        #expect(prepared.count == released.count + 1)
    }

    @Test func aBlockAtWhichAnAgentDiedIsMeasuredAnew() async throws {
        var target = FakeTarget(armsShareMachine: true)
        final class Deaths: Sendable {
            let count = Atomic(0)
        }
        let deaths = Deaths()
        target.answer = { order, arm in
            guard arm == .a, order.number == 4,
                deaths.count.add(1, ordering: .relaxed).newValue == 1
            else { return nil }
            return .lost(.failure("the agent is gone"))
        }
        let place = Place()
        #expect(try await run(toggle(), on: target, in: place).isComplete)
        let blocks = try place.journal.blocks(of: "a")
        #expect(blocks.count { $0.state.isCounted } == 6)
        #expect(blocks.count { $0.state.isVoid } == 0)
        #expect(Set(blocks.map(\.number)).count == blocks.count)
    }

    @Test func anUnfitMachineVoidsItsRoundAndAnotherOneMakesGoodForIt() async throws {
        var target = FakeTarget(armsShareMachine: false)
        target.complaint = { round in
            round == 1 ? Loss(arm: .b, error: .failure("the clock stopped")) : nil
        }
        let place = Place()
        #expect(try await run(kernels(rounds: 3), on: target, in: place).isComplete)
        let journal = try place.journal
        #expect(journal.voidRounds.map(\.round) == [1])
        #expect(journal.rounds.map(\.round) == [0, 1, 2, 3])
        #expect(journal.ending?.state == .finished)
    }

    @Test func looksComeAfterSixOfEightRoundsAndADecidedCellIsLeftOutOfLaterOnes() async throws {
        let place = Place()
        let plan = try kernels(rounds: 8, blocks: 16, cells: ["a", "b"])
        #expect(try await run(plan, on: unlikeBoots(), in: place).isComplete)
        let journal = try place.journal
        #expect(journal.blocks(of: "a").map(\.round) == twice(Array(0..<6)))
        #expect(journal.blocks(of: "b").map(\.round) == twice(Array(0..<8)))
    }

    @Test func aRoundThatWasCutShortIsMeasuredAnewAndADecidedCellStaysDecided() async throws {
        let (place, target) = (Place(), unlikeBoots())
        let plan = try kernels(rounds: 8, blocks: 16, cells: ["a", "b"])
        // Six rounds of both cells, and most of a seventh one of b.
        #expect(try await run(plan, on: target, in: place, stopAfter: 103).interrupted)
        #expect(try place.journal.rounds.map(\.round) == Array(0..<7))
        #expect(try await run(plan, on: target, in: place).isComplete)
        let journal = try place.journal
        #expect(journal.rounds.map(\.round) == Array(0..<9))
        #expect(journal.blocks(of: "a").count == 12)
        let whole = journal.blocks(of: "b").filter(\.state.isCounted).map(\.round)
        #expect(whole.filter { $0 != 6 } == twice([0, 1, 2, 3, 4, 5, 7, 8]))
    }

    @Test func aLookThatAnInterruptionPreventedIsTakenOnResume() async throws {
        let (place, target) = (Place(), FakeTarget(armsShareMachine: false))
        let plan = try kernels(rounds: 8, blocks: 16)
        // Five rounds, and the sixth one but for the signal at its end.
        #expect(try await run(plan, on: target, in: place, stopAfter: 41).interrupted)
        #expect(try await run(plan, on: target, in: place).isComplete)
        #expect(try place.journal.blocks(of: "a").last?.round == 6)
    }

    @Test func aVoidRoundIsNotAmongThoseThatALookSees() async throws {
        var target = FakeTarget(armsShareMachine: false)
        target.complaint = { round in
            round == 2 ? Loss(arm: .a, error: .failure("the clock stopped")) : nil
        }
        let place = Place()
        #expect(try await run(kernels(rounds: 8, blocks: 8), on: target, in: place).isComplete)
        // Alike in each slice, so that the first look decides.
        #expect(try place.journal.rounds.map(\.round) == Array(0..<7))
    }

    @Test func tooManyLostRoundsEndTheExperimentAsFailed() async throws {
        var target = FakeTarget(armsShareMachine: false)
        target.complaint = { _ in Loss(arm: .a, error: .failure("it broke")) }
        let place = Place()
        _ = try await run(kernels(rounds: 3), on: target, in: place)
        #expect(try place.journal.voidRounds.count == 4)
        #expect(try place.journal.ending?.state == .failed)
    }

    @Test func aComplaintAboutTheOneMachineIsAnErrorAfterTheJournalHasItsEnd() async throws {
        var target = FakeTarget(armsShareMachine: true)
        target.complaint = { _ in Loss(arm: .a, error: .failure("it broke")) }
        let place = Place()
        let plan = try toggle()
        let error = await #expect(throws: PlumblineError.self) {
            try await run(plan, on: target, in: place)
        }
        #expect(error?.message == "it broke")
        #expect(try place.journal.ending?.state == .failed)
    }

    @Test func anotherKernelInALaterRoundEndsTheExperiment() async throws {
        var target = FakeTarget(armsShareMachine: false)
        target.hello = { arm, round in
            var hello = FakeAgent.hello
            if arm == .b, round == 2 { hello.buildID = "cd34" }
            return hello
        }
        let place = Place()
        let plan = try kernels(rounds: 3)
        let error = await #expect(throws: PlumblineError.self) {
            try await run(plan, on: target, in: place)
        }
        #expect(error?.message.hasPrefix("the kernel of arm B") == true)
        #expect(try place.journal.rounds.map(\.round) == [0, 1])
    }

    @Test func aVoidSliceVoidsItsBlockAndTheBlockIsMeasuredWhole() async throws {
        var target = FakeTarget(armsShareMachine: false)
        target.answer = { order, _ in
            order.number == 1 ? .done(FakeTarget.slice(order, void: true)) : nil
        }
        let place = Place()
        #expect(try await run(kernels(rounds: 3), on: target, in: place).isComplete)
        let states = try place.journal.blocks(of: "a").map(\.state)
        #expect(states.first?.isVoid == true)
        #expect(states.count { $0.isCounted } == 6)
    }

    @Test func aCellThatCannotRunIsTriedOnTheOtherArmOnce() async throws {
        var target = FakeTarget(armsShareMachine: true)
        target.answer = { _, arm in arm == .b ? .failed(.failure("no luck")) : nil }
        let place = Place()
        let outcome = try await run(toggle(), on: target, in: place)
        #expect(outcome.failures.map(\.arm) == [.b])
        let measured = target.calls.all.filter { $0.hasPrefix("measure") }
        #expect(measured.count { $0 == "measure a A" } == 1)
        #expect(measured.count { $0 == "measure a B" } == 1)
    }
}
