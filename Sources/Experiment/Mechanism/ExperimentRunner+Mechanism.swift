// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Linux
import Protocol

/// One more round after the last one, in which the kernels' work is traced. Its slices count for no
/// time, and a failure here changes nothing of what was measured.
extension ExperimentRunner {
    /// Traced slices of each cell and arm: the units of what is said of them.
    static var tracedSlices: Int { 5 }
    /// The shortest traced slice, nanoseconds; one in which events are dropped is made shorter.
    static var shortestTraced: Int { 1_000_000 }
    /// The longest slice that is traced because a shorter one has too few operations, nanoseconds.
    static var longestTraced: Int { 1_000_000_000 }
    /// How often a void slice is traced again; then it is taken as it is, and the journal says so.
    static var mostRetraced: Int { 6 }

    /// A cell on an arm.
    struct Traced: Hashable {
        /// The cell's place in the suite.
        var cell: Int
        /// The arm.
        var arm: Arm
    }

    /// What is to be traced and is not in the journal yet: where arms share a machine each cell on
    /// both arms, so that they share its pressure, else each arm's cells.
    var untraced: [Traced] {
        guard plan.comparison?.evidence == true else { return [] }
        // Of a foreign program the workers only start and stop it.
        let cells = schedule.cells(pass: nextRound).filter {
            self.cells[$0].hasCounted && programs[$0] == nil
        }
        let all =
            target.armsShareMachine
            ? cells.flatMap { cell in Arm.allCases.map { Traced(cell: cell, arm: $0) } }
            : Arm.allCases.flatMap { arm in cells.map { Traced(cell: $0, arm: arm) } }
        return all.filter { !traced.contains($0) }
    }

    /// Notes what a journal has.
    mutating func noteTraced(in journal: StoredJournal) {
        for mechanism in journal.mechanisms where mechanism.slices > 0 {
            let place = plan.suite.cells.firstIndex { $0.name == mechanism.cell }
            if let place { traced.insert(Traced(cell: place, arm: mechanism.arm)) }
        }
    }

    /// Traces what is untraced, and appends it to the journal once the machines have ended well.
    mutating func traceMechanism() async throws(PlumblineError) {
        let due = untraced
        guard !due.isEmpty else { return }
        report(.note("tracing what the kernels do, in visits that count for no time"))
        var found: [CellMechanism] = []
        do throws(PlumblineError) {
            try await trace(due, into: &found)
            if let loss = target.loss { throw loss.error }
            if let loss = await target.close() { throw loss.error }
        } catch {
            _ = await target.close()
            guard error.kind != .interrupted else { throw error }
            report(.note("what the kernels do is not known: \(error)"))
            return
        }
        try writer.append(found.map { .mechanism($0) })
    }

    private mutating func trace(
        _ due: [Traced], into found: inout [CellMechanism]
    ) async throws(PlumblineError) {
        var failure: String?
        var since = Clock.monotonicNanoseconds()
        _ = try await target.open(round: nextRound, arms: Arm.allCases)
        for item in due {
            guard target.loss == nil else { return }
            if isInterrupted() { throw PlumblineError(.interrupted, "interrupted while tracing") }
            _ = try await target.select(item.arm)
            guard target.loss == nil else { return }
            do throws(PlumblineError) {
                var mechanism = try await trace(item)
                let now = Clock.monotonicNanoseconds()
                mechanism.time = now - since
                since = now
                found.append(mechanism)
            } catch {
                guard error.kind != .interrupted else { throw error }
                // What keeps one cell from being traced may keep all of them.
                guard error.message != failure else { return }
                failure = error.message
                let label = plan.suite.cells[item.cell].label
                report(
                    .note(
                        "\(label) on arm \(item.arm): what the kernel does is not known: "
                            + "\(error)"))
            }
        }
    }

    /// Traces one cell on the arm that was selected.
    ///
    /// - Throws: what keeps its kernel from being traced.
    private mutating func trace(_ item: Traced) async throws(PlumblineError) -> CellMechanism {
        let cell = plan.suite.cells[item.cell]
        orders += 1
        let visit = orders
        let arms = target.armsShareMachine ? Arm.allCases : [item.arm]
        var prepare = PrepareOrder(
            order: visit, visit: visit, cell: try target.cell(cell, on: item.arm),
            seed: schedule.visitSeed(cell: item.cell, visit: cells[item.cell].nextVisit))
        prepare.traces = true
        prepare.makeRoom(for: arms.compactMap { try? target.cell(cell, on: $0) })
        try Self.done(await target.prepare(prepare, on: item.arm))
        // A cold cell's first slice is not traced.
        let suite = plan.suite
        var duration = lengths[item.cell] ?? suite.slice
        let warmup = max(suite.warmup, suite.guardTime)
        _ = try await slice(of: item, visit, duration: duration, guard: warmup, traces: false)
        var slices: [SliceRecord] = []
        var (retraced, hasDropped) = (0, false)
        while slices.count < Self.tracedSlices {
            let slice = try await slice(
                of: item, visit, duration: duration, guard: suite.guardTime, traces: true)
            guard let mechanism = slice.mechanism else {
                let why = slice.validity.reasons.sorted { $0.key < $1.key }.first?.value
                throw .failure(why ?? "the agent traces nothing")
            }
            if mechanism.dropped > 0, duration > Self.shortestTraced {
                duration = max(Self.shortestTraced, duration / 4)
                (slices, hasDropped) = ([], true)
            } else if slice.operations < CellMechanism.leastEvents, !hasDropped,
                mechanism.dropped == 0, duration < Self.longestTraced
            {
                duration = min(Self.longestTraced, duration * 4)
                slices = []
            } else if !slice.validity.isValid, retraced < Self.mostRetraced {
                retraced += 1
            } else {
                slices.append(slice)
            }
        }
        orders += 1
        _ = try await target.release(.init(order: orders, visit: visit), on: item.arm)
        return CellMechanism(cell: cell.name, arm: item.arm, slices)
    }

    private mutating func slice(
        of item: Traced, _ visit: Int, duration: Int, guard guardTime: Int, traces: Bool
    ) async throws(PlumblineError) -> SliceRecord {
        orders += 1
        let order = SliceOrder(
            order: orders, visit: visit, cell: plan.suite.cells[item.cell].name,
            number: cells[item.cell].slices(item.arm), duration: duration, guardTime: guardTime,
            seed: schedule.visitSeed(cell: item.cell, visit: orders),
            pressureThreshold: plan.suite.pressureThreshold, traces: traces)
        return try Self.done(await target.measure(order, on: item.arm))
    }

    private static func done<Value>(
        _ answer: AgentDriver.Answer<Value>
    ) throws(PlumblineError) -> Value {
        switch answer {
        case .done(let value): return value
        case .failed(let error), .lost(let error), .unfit(let error): throw error
        case .interrupted: throw PlumblineError(.interrupted, "interrupted while tracing")
        }
    }
}
