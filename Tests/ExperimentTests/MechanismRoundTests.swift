// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Linux
import Protocol
import Synchronization
import Testing

@testable import Experiment

/// The round in which the kernels' work is traced, on a target that does what no machine does on
/// demand.
@Suite struct MechanismRoundTests {
    /// A journal's file, what was ordered, and what was told.
    private final class Place: Sendable {
        let path = "/tmp/plumbline-mechanism-\(UInt64.random(in: 0 ... .max)).jsonl"
        let orders = Mutex<[(order: SliceOrder, arm: Arm)]>([])
        let notes = Mutex<[String]>([])
        deinit { try? SystemFile.unlink(path) }
        var journal: StoredJournal { get throws { try StoredJournal(readingFrom: path) } }
        var traced: [(order: SliceOrder, arm: Arm)] {
            orders.withLock { $0.filter { $0.order.traces == true } }
        }
    }

    private func plan(traces: Bool = true) throws -> Plan {
        let machine = GuestMachine(label: "x", place: "", agent: .init(executable: ""))
        var plan = Plan.ab(
            ToggleHarness.suite(["a", "b"]), a: machine, b: machine,
            stopping: try StoppingPlan(blocks: 5, rounds: 5), equivalence: 0.02, rounds: 5, seed: 1)
        plan.comparison?.evidence = traces ? true : nil
        return plan
    }

    private func run(
        _ plan: Plan, in place: Place, stops: @escaping @Sendable () -> Bool = { false },
        _ change: (inout FakeTarget) -> Void = { _ in },
        answer: @escaping @Sendable (SliceOrder, Arm) -> MechanismRecord? = { _, arm in
            MechanismRecord(
                counts: [MechanismCount(.pages, arm == .a ? 14 : 6, per: 1000)], events: 1)
        },
        voids: @escaping @Sendable (SliceOrder) -> Bool = { _ in false },
        operations: @escaping @Sendable (SliceOrder) -> UInt64 = { _ in 100 }
    ) async throws -> Outcome {
        var target = FakeTarget(armsShareMachine: false)
        target.answer = { order, arm in
            place.orders.withLock { $0.append((order, arm)) }
            var slice = FakeTarget.slice(order)
            slice.operations = order.traces == true ? operations(order) : slice.operations
            if order.traces == true { slice.mechanism = answer(order, arm) }
            if order.traces == true, voids(order) {
                slice.validity = Validity([.unpressured: "x"])
            }
            return .done(slice)
        }
        change(&target)
        let (writer, journal) =
            SystemFile.exists(place.path)
            ? try JournalWriter.resume(at: place.path)
            : (try JournalWriter.create(at: place.path), nil)
        var runner = try ExperimentRunner(
            plan, on: target, journal: writer, isInterrupted: stops,
            report: { event in
                if case .note(let text) = event { place.notes.withLock { $0.append(text) } }
            })
        if let journal { return try await runner.resume(journal) }
        return try await runner.run()
    }

    @Test("each cell is traced on both arms after the last round, and its slices are in no block")
    func traces() async throws {
        let place = Place()
        #expect(try await run(plan(), in: place).isComplete)
        let journal = try place.journal
        #expect(journal.mechanisms.count == 4)
        #expect(
            journal.mechanisms.allSatisfy {
                $0.slices == 5 && $0.operations == 500 && $0.voids == nil
            })
        #expect(journal.mechanisms.allSatisfy { ($0.time ?? 0) > 0 })
        let b = journal.mechanisms.first { $0.cell == "b" && $0.arm == .b }
        #expect(
            b?.counts == [
                .init(.pages, values: [6, 6, 6, 6, 6], bases: Array(repeating: 1000, count: 5))
            ])
        #expect(journal.slices.count == 2 * 4 * 5)
        #expect(journal.ending?.state == .finished)
        // They are the last ones, and follow one that warms the cell up.
        #expect(place.traced.count == 20)
        let first = place.orders.withLock { $0.firstIndex { $0.order.traces == true } }
        #expect(first == 2 * 4 * 5 + 1)
        let last = place.orders.withLock { $0.suffix(6).map(\.order.traces) }
        #expect(last == [nil, true, true, true, true, true])
    }

    @Test("without the option nothing is traced")
    func isOff() async throws {
        let place = Place()
        _ = try await run(plan(traces: false), in: place)
        #expect(place.traced.isEmpty)
        #expect(try place.journal.mechanisms.isEmpty)
    }

    @Test("a finished journal that has no mechanism gets it by --resume, and nothing else")
    func resumes() async throws {
        let place = Place()
        _ = try await run(plan(traces: false), in: place)
        let before = try place.journal.slices.count
        #expect(try await run(plan(), in: place).isComplete)
        #expect(try place.journal.slices.count == before)
        #expect(try place.journal.mechanisms.count == 4)
        _ = try await run(plan(), in: place)
        #expect(place.traced.count == 20)
    }

    @Test("a plan that traces goes on with the journal of one that does not")
    func continues() throws {
        #expect(try plan().continues(plan(traces: false)))
    }

    @Test("a slice in which events are dropped is traced again, and is shorter")
    func shortens() async throws {
        let place = Place()
        _ = try await run(
            plan(), in: place,
            answer: { order, _ in
                MechanismRecord(dropped: order.duration > 10_000_000 ? 5 : 0)
            })
        let last = try #require(place.traced.last)
        #expect(last.order.duration <= 10_000_000)
        #expect(try place.journal.mechanisms.allSatisfy { $0.slices == 5 && $0.dropped == 0 })
    }

    @Test("slices with too few operations become longer, up to a second, and not after a drop")
    func lengthens() async throws {
        let place = Place()
        _ = try await run(
            plan(), in: place, operations: { $0.duration > 600_000_000 ? 50 : 49 })
        let last = place.traced.suffix(3).map(\.order.duration)
        #expect(Set(last).count == 1 && (600_000_001...1_000_000_000).contains(last[0]))
        #expect(try place.journal.mechanisms.allSatisfy { $0.slices == 5 && $0.smallSlices == nil })
        let slow = Place()
        _ = try await run(plan(), in: slow, operations: { _ in 49 })
        #expect(slow.traced.last?.order.duration == 1_000_000_000)
        #expect(try slow.journal.mechanisms.allSatisfy { $0.slices == 5 && $0.smallSlices == 5 })
        let full = Place()
        _ = try await run(
            plan(), in: full,
            answer: { order, _ in
                MechanismRecord(dropped: order.duration > 10_000_000 ? 5 : 0)
            }, operations: { _ in 49 })
        #expect(try full.journal.mechanisms.allSatisfy { $0.slices == 5 && $0.smallSlices == 5 })
        #expect(full.traced.last.map { $0.order.duration <= 10_000_000 } == true)
    }

    @Test("a void slice is traced again, some times, and then taken as it is")
    func retraces() async throws {
        let place = Place()
        _ = try await run(plan(), in: place, voids: { _ in place.traced.count <= 2 })
        #expect(place.traced.count == 20 + 2)
        #expect(try place.journal.mechanisms.allSatisfy { $0.slices == 5 })
        let always = Place()
        _ = try await run(plan(), in: always, voids: { _ in true })
        #expect(always.traced.count == 4 * (5 + 6))
        #expect(
            try always.journal.mechanisms.allSatisfy {
                $0.slices == 5 && $0.voids == ["unpressured": 5]
            })
    }

    @Test("an agent that traces nothing, or a machine that is lost then, changes no verdict")
    func failures() async throws {
        let old = Place()
        #expect(try await run(plan(), in: old, answer: { _, _ in nil }).isComplete)
        #expect(try old.journal.mechanisms.isEmpty)
        #expect(try old.journal.ending?.state == .finished)
        let notes = old.notes.withLock { $0.filter { $0.contains("what the kernel does") } }
        #expect(notes.count == 1)
        let lost = Place()
        _ = try await run(
            plan(), in: lost,
            {
                $0.complaint = { round in
                    round < 5 ? nil : Loss(arm: .a, error: .failure("it warned"))
                }
            })
        #expect(try lost.journal.mechanisms.isEmpty)
        #expect(try lost.journal.voidRounds.isEmpty)
        #expect(lost.notes.withLock { $0.last?.contains("it warned") } == true)
    }

    @Test("a signal while it traces ends the experiment as interrupted, and it can be resumed")
    func interrupted() async throws {
        let place = Place()
        let outcome = try await run(plan(), in: place, stops: { !place.traced.isEmpty })
        #expect(outcome.interrupted)
        #expect(try place.journal.ending?.state == .interrupted)
        #expect(try await run(plan(), in: place).isComplete)
        #expect(try place.journal.mechanisms.count == 4)
    }
}
