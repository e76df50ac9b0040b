// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Linux
import Protocol
import Verdicts

/// One slice, and what is prepared and released for it.
extension ExperimentRunner {
    /// Measures one slice; nil when the cell or the round ends with it.
    mutating func measure(
        _ step: Schedule.Step, isTrial: Bool = false
    ) async throws(PlumblineError) -> SliceRecord? {
        if isInterrupted() {
            interrupt()
            return nil
        }
        var begun = ContinuousClock.now
        let hosts = try await target.select(step.arm)
        if !hosts.isEmpty {
            time.add(boots: hosts.count, took: ContinuousClock.now - begun)
            begun = ContinuousClock.now
        }
        try welcome(hosts, first: step.arm)
        guard target.loss == nil else { return nil }
        let isWarmup = isTrial || unready.contains(step.cell)
        reportSlice(of: step.cell)
        let isFirst = resident[step.arm] == nil
        if isFirst, try await !prepare(step, isTrial: isTrial) { return nil }
        let order = order(step, isFirst: isFirst)
        switch try await target.measure(order, on: step.arm) {
        case .done(let slice):
            time.add(
                cell: step.cell, planned: .nanoseconds(order.duration + order.guardTime),
                observed: ContinuousClock.now - begun)
            return keep(slice, step, isWarmup: isWarmup)
        case .interrupted(let slice):
            outcome.interrupted = true
            if let slice { _ = keep(slice, step, isWarmup: isWarmup) }
        case .failed(let error): try await fail(step, error, isTrial: isTrial)
        case .lost(let error): try cut(step, error, isTrial: isTrial)
        case .unfit(let error): try lose(step, error)
        }
        return nil
    }

    /// Has the cell of a step prepared on its arm.
    ///
    /// - Returns: whether its workers are parked there.
    mutating func prepare(
        _ step: Schedule.Step, isTrial: Bool
    ) async throws(PlumblineError) -> Bool {
        orders += 1
        let visit = cells[step.cell].nextVisit
        let cell = plan.suite.cells[step.cell]
        let arms =
            target.armsShareMachine && plan.kind != .run ? Arm.allCases : [step.arm]
        var order = PrepareOrder(
            order: orders, visit: orders, cell: try target.cell(cell, on: step.arm),
            seed: schedule.visitSeed(cell: step.cell, visit: plan.alternates ? step.block : visit),
            countsInstructions: plan.countsInstructions)
        order.makeRoom(for: arms.compactMap { try? target.cell(cell, on: $0) })
        switch try await target.prepare(order, on: step.arm) {
        case .done:
            resident[step.arm] = order.visit
            return true
        case .interrupted: outcome.interrupted = true
        case .failed(let error): try await fail(step, error, isTrial: isTrial)
        case .lost(let error): try cut(step, error, isTrial: isTrial)
        case .unfit(let error): try lose(step, error)
        }
        return false
    }

    /// Ends what is prepared of a cell, and keeps what the kernel counted.
    mutating func release(_ cell: Int) async throws(PlumblineError) {
        let visits = resident.sorted { $0.key.rawValue < $1.key.rawValue }
        resident = [:]
        guard !stops else { return }
        for (arm, visit) in visits {
            orders += 1
            let order = ReleaseOrder(order: orders, visit: visit)
            guard var record = try await target.release(order, on: arm) else { continue }
            record.visit = cells[cell].nextVisit - 1
            record.arm = plan.kind == .run ? nil : arm
            record.round = round
            try writer.append(.visit(record))
        }
    }

    mutating func fail(
        _ step: Schedule.Step, _ error: PlumblineError, isTrial: Bool
    ) async throws(PlumblineError) {
        resident[step.arm] = nil
        if target.armsShareMachine { resident = [:] }
        try fail(step, error)
        if !isTrial { try await tryOtherArm(step) }
    }

    /// Ends the block at which an agent died: another agent measures a new one.
    mutating func cut(
        _ step: Schedule.Step, _ error: PlumblineError, isTrial: Bool
    ) throws(PlumblineError) {
        resident[step.arm] = nil
        if target.armsShareMachine { resident = [:] }
        deaths[step.cell, default: 0] += 1
        guard !isTrial, deaths[step.cell, default: 0] <= Self.toleratedDeaths else {
            // No trial on the other arm: its agent's death could end the experiment.
            return try fail(step, error)
        }
        blocks[step.cell] = nil
        cutBlock = step.block
        try flush()
        let what = plan.kind == .run ? "the slice" : "the block"
        let why = error.message.prefix { $0 != "\n" }
        report(
            .note(
                "\(plan.suite.cells[step.cell].label): \(why); "
                    + "\(what) is measured again by another agent"))
    }

    /// Where the machine is lost the round is void, and the cell goes on in the next one.
    mutating func lose(
        _ step: Schedule.Step, _ error: PlumblineError
    ) throws(PlumblineError) {
        if target.loss == nil { try fail(step, error) }
    }

    /// Finds out whether a cell that failed does so on one arm only, which is a finding.
    mutating func tryOtherArm(_ step: Schedule.Step) async throws(PlumblineError) {
        guard plan.kind != .run, !plan.alternates, !stops, !isInterrupted(),
            cells[step.cell].slices(step.arm.other) == 0
        else { return }
        let other = Schedule.Step(
            cell: step.cell, block: step.block, position: 0, arm: step.arm.other)
        _ = try await measure(other, isTrial: true)
    }

    mutating func order(_ step: Schedule.Step, isFirst: Bool) -> SliceOrder {
        orders += 1
        let suite = plan.suite
        let isCold = cold[step.arm]?.remove(step.cell) != nil
        if target.armsShareMachine { cold[step.arm.other]?.remove(step.cell) }
        let warmup = isCold ? suite.warmup : isFirst ? Schedule.visitGuard : 0
        return SliceOrder(
            order: orders, visit: resident[step.arm] ?? 0, cell: suite.cells[step.cell].name,
            number: cells[step.cell].slices(step.arm),
            duration: lengths[step.cell] ?? suite.slice,
            guardTime: endsSlices(step.cell) ? 0 : max(warmup, suite.guardTime),
            seed: schedule.dataSeed(step),
            pressureThreshold: suite.pressureThreshold)
    }

    /// Whether a cell's slices end with a foreign program, and not after a time.
    func endsSlices(_ cell: Int) -> Bool { programs[cell]?.endsSlice == true }

    mutating func keep(
        _ slice: SliceRecord, _ step: Schedule.Step, isWarmup: Bool
    ) -> SliceRecord {
        var slice = slice
        slice.visit = cells[step.cell].nextVisit - 1
        if plan.kind != .run {
            slice.arm = step.arm
            slice.block = step.block
            slice.round = round
            slice.position = step.position
            slice.warmup = isWarmup ? true : nil
        }
        pending.append(slice)
        cells[step.cell].add(SliceSummary(slice))
        if !slice.validity.isValid {
            let label = plan.suite.cells[step.cell].label
            report(.void(cell: label, reasons: slice.validity.reasons.keys.sorted()))
        }
        if slice.validity.endsVisit {
            resident[step.arm] = nil
            if target.armsShareMachine { resident = [:] }
        }
        return slice
    }

    mutating func fail(
        _ step: Schedule.Step, _ error: PlumblineError
    ) throws(PlumblineError) {
        let (name, label) = (plan.suite.cells[step.cell].name, plan.suite.cells[step.cell].label)
        let arm = plan.kind == .run ? nil : step.arm
        let failure = JournalEvent.CellFailure(
            cell: name, arm: arm, number: cells[step.cell].slices(step.arm), error: error)
        try flush()
        try writer.append(.cellFailed(failure))
        outcome.failures.append(failure)
        cells[step.cell].giveUp()
        report(.cellFailed(cell: arm.map { "\(label) on arm \($0)" } ?? label, error: error))
    }
}
