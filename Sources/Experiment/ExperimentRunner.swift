// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Cells
import Journal
import Linux
import Protocol
import Verdicts

/// Measures what a plan says on a target, and keeps the journal.
///
/// For each round: open the target; for each visit of a cell, for each block, for each arm of the
/// block's order, measure a slice, and append the block; release the cell; close the target; look, and
/// stop or go on.
package struct ExperimentRunner<T: Target> {
    /// Lost machines that are made good for by another round.
    static var toleratedLosses: Int { 3 }
    /// Agents that die at a cell before it is given up.
    static var toleratedDeaths: Int { 2 }

    let plan: Plan
    let schedule: Schedule
    let writer: JournalWriter
    let isInterrupted: @Sendable () -> Bool
    let report: @Sendable (ProgressEvent) -> Void
    var target: T
    var cells: [CellProgress]
    var outcome = Outcome()
    var nextRound = 0
    /// The round of boots; nil where all run in one.
    var round: Int?
    var losses = 0
    /// The kernels that the arms had first, in each of their layouts.
    var kernels: [Arm: [Int: Hello]] = [:]
    /// Cells whose next slice on an arm has the long guard.
    var cold: [Arm: Set<Int>] = [:]
    /// Cells whose next block is a warm-up.
    var unready: Set<Int> = []
    /// By cell the length of its slices in nanoseconds, where it is not the suite's.
    var lengths: [Int: Int] = [:]
    /// The foreign programs of cells, by their places in the suite.
    let programs: [Int: ProgramUse]
    /// Cells the length of whose slices stays: they have blocks that count.
    var fitted: Set<Int> = []
    /// The slices of blocks that are not whole yet.
    var blocks: [Int: [SliceRecord]] = [:]
    /// Slices that are not in the journal yet.
    var pending: [SliceRecord] = []
    /// By cell the agents that died at it.
    var deaths: [Int: Int] = [:]
    /// The block of the visit at which an agent died.
    var cutBlock: Int?
    /// By arm the visit whose workers are parked there.
    var resident: [Arm: Int] = [:]
    /// What the journal has of the kernels' work.
    var traced: Set<Traced> = []
    var orders = 0
    var time = RemainingTime()
    /// Slices that are shown as done.
    var shown = 0

    /// An experiment that has not begun.
    ///
    /// - Parameters:
    ///   - isInterrupted: whether a signal came that ends the experiment.
    ///   - report: is called with what happens.
    /// - Throws: `failure` for a plan that no rule of stopping can be made of.
    package init(
        _ plan: Plan, on target: T, journal writer: JournalWriter,
        isInterrupted: @escaping @Sendable () -> Bool,
        report: @escaping @Sendable (ProgressEvent) -> Void
    ) throws(PlumblineError) {
        self.plan = plan
        self.target = target
        self.writer = writer
        self.isInterrupted = isInterrupted
        self.report = report
        schedule = Schedule(plan)
        programs = plan.suite.cells.enumerated().reduce(into: [:]) { programs, cell in
            programs[cell.offset] = cell.element.program
        }
        for (index, program) in programs where program.endsSlice {
            lengths[index] = plan.suite.time(of: plan.suite.cells[index])
        }
        let fresh = try CellProgress(plan)
        cells = plan.suite.cells.map { _ in fresh }
        if plan.warmsUp { unready = Set(plan.suite.cells.indices) }
        for arm in Arm.allCases { chill(arm) }
    }

    /// Measures from the start; the journal's header is written once an agent greeted.
    ///
    /// - Throws: `usage` or `failure` when a knob cannot be switched, `failure` when no agent works
    ///   or the journal cannot be written. A guest that is lost is in the journal and no error.
    package mutating func run() async throws(PlumblineError) -> Outcome {
        let (plan, writer) = (plan, writer)
        return try await conduct { (hello) throws(PlumblineError) in
            try writer.append(JournalHeader(plan, on: hello))
        }
    }

    /// Goes on with an experiment that ended early: a block that was cut short is made anew, and
    /// a pair of kernels goes on in a new round.
    ///
    /// - Throws: as `run`; `usage` on another kernel or machine.
    package mutating func resume(_ journal: StoredJournal) async throws(PlumblineError) -> Outcome {
        var extensions: [WarmupExtension] = []
        let blocks = journal.blocks
        for (index, cell) in plan.suite.cells.enumerated() {
            let found = try CellProgress.resumed(
                plan, cell: cell.name, from: journal, blocks: blocks[index])
            cells[index] = found.progress
            lengths[index] = journal.sliceLengths[cell.name] ?? lengths[index]
            if found.progress.hasCounted { fitted.insert(index) }
            extensions += found.extensions
        }
        noteTraced(in: journal)
        guard goesOn || !untraced.isEmpty else {
            // It was killed between its last slice and its last line.
            if journal.ending?.state != .finished { try end(.finished) }
            return outcome
        }
        nextRound =
            (journal.rounds.map(\.round) + journal.voidRounds.map(\.round)).max()
            .map { $0 + 1 } ?? 0
        for round in journal.rounds {
            for (arm, host) in round.hosts {
                let layout = schedule.layout(round: round.round, arm: arm)
                kernels[arm, default: [:]][layout] = kernels[arm]?[layout] ?? host
            }
        }
        let (writer, first) = (writer, journal.header.host)
        let mayDiffer = target.greetsFromAnyKernel
        return try await conduct { (hello) throws(PlumblineError) in
            if !mayDiffer {
                try Self.refuseOtherKernel(hello, than: first, in: writer.path)
                try Self.refuseOtherMachine(hello, than: first, in: writer.path)
            }
            try writer.append(.resumed(.init(at: Clock.realtimeNanoseconds(), host: hello)))
            for warmup in extensions { try writer.append(.warmupExtended(warmup)) }
        }
    }

    var goesOn: Bool { !cells.allSatisfy(\.isDone) }

    /// From the greeting to the journal's line on how it ended; `greeted` writes the first line.
    mutating func conduct(
        _ greeted: (Hello) throws(PlumblineError) -> Void
    ) async throws(PlumblineError) -> Outcome {
        var state: JournalEvent.Ending.State
        do throws(PlumblineError) {
            let hello = try await target.greeting()
            try greeted(hello)
            report(
                .started(
                    kernel: plan.kernels ?? plan.name(of: hello.kernelRelease),
                    slices: slicesLeft.reduce(0, +),
                    remaining: remaining))
            state = try await measure()
            if state == .finished { try await traceMechanism() }
        } catch {
            _ = await target.close()
            guard writer.hasLines else { throw error }
            guard error.kind == .interrupted else {
                try? flush()
                try? end(.failed)
                throw error
            }
            try flush()
            outcome.interrupted = true
            state = .interrupted
        }
        try end(state)
        return outcome
    }

    func end(_ state: JournalEvent.Ending.State) throws(PlumblineError) {
        try writer.append(.end(.init(state: state, at: Clock.realtimeNanoseconds())))
    }
}
