// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
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
    private static var toleratedLosses: Int { 3 }

    private let plan: Plan
    private let schedule: Schedule
    private let writer: JournalWriter
    private let isInterrupted: @Sendable () -> Bool
    private let report: @Sendable (ProgressEvent) -> Void
    private var target: T
    private var cells: [CellProgress]
    private var outcome = Outcome()
    private var nextRound = 0
    /// The round of boots; nil where all run in one.
    private var round: Int?
    private var losses = 0
    /// The kernels that the arms had first, in each of their layouts.
    private var kernels: [Arm: [Int: Hello]] = [:]
    /// Cells whose next slice on an arm has the long guard.
    private var cold: [Arm: Set<Int>] = [:]
    /// Cells whose next block is a warm-up.
    private var unready: Set<Int> = []
    /// By cell the length of its slices in nanoseconds, where it is not the suite's.
    private var lengths: [Int: Int] = [:]
    /// Cells the length of whose slices stays: they have blocks that count.
    private var fitted: Set<Int> = []
    /// The slices of blocks that are not whole yet.
    private var blocks: [Int: [SliceRecord]] = [:]
    /// Slices that are not in the journal yet.
    private var pending: [SliceRecord] = []
    /// By arm the visit whose workers are parked there.
    private var resident: [Arm: Int] = [:]
    private var orders = 0
    private var time = RemainingTime()
    /// Slices that are shown as done.
    private var shown = 0

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
            lengths[index] = journal.sliceLengths[cell.name]
            if found.progress.hasCounted { fitted.insert(index) }
            extensions += found.extensions
        }
        guard goesOn else { return outcome }
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

    private var goesOn: Bool { !cells.allSatisfy(\.isDone) }

    /// From the greeting to the journal's line on how it ended; `greeted` writes the first line.
    private mutating func conduct(
        _ greeted: (Hello) throws(PlumblineError) -> Void
    ) async throws(PlumblineError) -> Outcome {
        let state: JournalEvent.Ending.State
        do throws(PlumblineError) {
            let hello = try await target.greeting()
            try greeted(hello)
            report(
                .started(
                    kernel: plan.kernels ?? plan.name(of: hello.kernelRelease),
                    slices: slicesLeft.reduce(0, +),
                    remaining: remaining))
            state = try await measure()
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

    private func end(_ state: JournalEvent.Ending.State) throws(PlumblineError) {
        try writer.append(.end(.init(state: state, at: Clock.realtimeNanoseconds())))
    }

    // MARK: Rounds

    private mutating func measure() async throws(PlumblineError) -> JournalEvent.Ending.State {
        while goesOn {
            let number = nextRound
            nextRound += 1
            try await measure(round: number)
            let begun = ContinuousClock.now
            let loss = await target.close()
            time.add(boots: 0, took: ContinuousClock.now - begun)
            if let loss, !plan.bootsRounds { throw loss.error }
            if outcome.interrupted { return .interrupted }
            guard let loss else {
                for cell in cells.indices {
                    if plan.bootsRounds { reportEstimate(of: cell) }
                    cells[cell].endRound()
                }
                continue
            }
            try void(round: number, loss)
            if losses > Self.toleratedLosses { return .failed }
        }
        return .finished
    }

    private mutating func measure(round number: Int) async throws(PlumblineError) {
        let first = schedule.firstArm(round: number)
        for boot in 1...plan.bootsPerRound {
            if plan.bootsRounds { begin(round: number, boot: boot) }
            guard boot == 1 || !stops && cells.contains(where: \.wantsBlock) else { return }
            try await measure(round: number, first: boot == 1 ? first : first.other)
        }
    }

    private mutating func measure(
        round number: Int, first: Arm
    ) async throws(PlumblineError) {
        let begun = ContinuousClock.now
        let hosts = try await target.open(round: number, arms: [first, first.other])
        time.add(boots: hosts.count, took: ContinuousClock.now - begun)
        try welcome(hosts, first: first)
        while !stops, let pass = cells.filter(\.wantsBlock).map(\.nextBlock).min() {
            let due = cells.indices.filter {
                cells[$0].wantsBlock && (plan.alternates || cells[$0].nextBlock == pass)
            }
            try await measure(pass: plan.alternates ? number : pass, of: Set(due))
            if plan.alternates { return }
        }
    }

    private mutating func begin(round number: Int, boot: Int) {
        round = number
        let planned = plan.plannedUnits ?? 1
        if boot == 1 {
            report(.round(number: number - losses, planned: max(planned, number - losses + 1)))
        }
        for cell in cells.indices { cells[cell].begin(round: number, boot: boot) }
        for arm in Arm.allCases { chill(arm) }
    }

    private mutating func measure(
        pass: Int, of due: Set<Int>
    ) async throws(PlumblineError) {
        blocks = [:]
        let ranges = Dictionary(
            uniqueKeysWithValues: due.map { cell in
                let warmups = unready.contains(cell) ? 1 : 0
                let length = lengths[cell] ?? plan.suite.slice
                let most = plan.alternates ? 1 : schedule.visitBlocks(slice: length)
                return (cell, cells[cell].nextBlocks(atMost: most, warmups: warmups))
            })
        for visit in schedule.visits(pass: pass, blocks: ranges) {
            try await make(visit)
            if stops { return }
        }
    }

    private mutating func make(_ visit: Schedule.Visit) async throws(PlumblineError) {
        cells[visit.cell].beginVisit()
        for step in visit.steps where !cells[visit.cell].isDone {
            let slice = try await measure(step)
            if stops { break }
            if let slice { blocks[step.cell, default: []].append(slice) }
            if plan.kind != .run, step.position == Block.length - 1 {
                try close(step)
            }
        }
        try flush()
        try await release(visit.cell)
    }

    /// Appends the slices that are not in the journal yet.
    private mutating func flush() throws(PlumblineError) {
        let slices = pending
        pending = []
        try writer.append(slices.map { .slice($0) })
    }

    /// Whether nothing more is measured in this round.
    private var stops: Bool { outcome.interrupted || target.loss != nil }

    /// Judges the block that ends with this step.
    private mutating func close(_ step: Schedule.Step) throws(PlumblineError) {
        try flush()
        let records = blocks.removeValue(forKey: step.cell) ?? []
        if unready.remove(step.cell) != nil, !fitted.contains(step.cell) {
            try fit(step.cell, to: records)
        }
        let block = Block(
            number: step.block, records: records,
            countsInstructions: plan.countsInstructions)
        guard let first = cells[step.cell].add(block) else {
            if !plan.bootsRounds { reportEstimate(of: step.cell) }
            return
        }
        let cell = plan.suite.cells[step.cell]
        try writer.append(.warmupExtended(.init(cell: cell.name, firstBlock: first)))
        report(.note("\(cell.label): the warm-up is longer than planned; it continues"))
    }

    /// Has a cell's slices last long enough for what its warm-up showed.
    private mutating func fit(
        _ cell: Int, to records: [SliceRecord]
    ) throws(PlumblineError) {
        let (name, label) = (plan.suite.cells[cell].name, plan.suite.cells[cell].label)
        let length = lengths[cell] ?? plan.suite.slice
        do throws(PlumblineError) {
            let fit = try SliceFit(records, length: length, least: plan.leastOperations)
            guard let fit else { return }
            if fit.isUnknown { unready.insert(cell) }
            lengths[cell] = fit.length
            try writer.append(.sliceLength(.init(cell: name, slice: fit.length)))
            let time = Decimal.time(nanoseconds: Double(fit.length))
            report(
                .note(
                    "\(label): slices of \(time), because few operations fit into shorter "
                        + "ones; the cell takes so much longer"))
        } catch {
            try fail(.init(cell: cell, block: 0, position: 0, arm: .a), error)
        }
    }

    private mutating func void(round number: Int, _ loss: Loss) throws(PlumblineError) {
        try writer.append(.roundVoid(.init(round: number, arm: loss.arm, error: loss.error)))
        for cell in cells.indices { cells[cell].void(round: number) }
        losses += 1
        report(.cellFailed(cell: "arm \(loss.arm)", error: loss.error))
    }

    /// Notes the machines that came up: every cell is cold to them.
    private mutating func welcome(
        _ hosts: [Arm: Hello], first: Arm
    ) throws(PlumblineError) {
        guard !hosts.isEmpty else { return }
        for arm in target.armsShareMachine ? Arm.allCases : Array(hosts.keys) {
            chill(arm)
            resident[arm] = nil
        }
        guard plan.bootsRounds, let round, target.loss == nil else { return }
        for (arm, hello) in hosts {
            let layout = schedule.layout(round: round, arm: arm)
            if let known = kernels[arm]?[layout] {
                guard known.isSameKernel(as: hello) else { throw Self.otherKernel(hello, arm) }
            } else {
                kernels[arm, default: [:]][layout] = hello
            }
        }
        var layouts: [Arm: Int]?
        if plan.comparison?.relinks != nil {
            layouts = [:]
            for arm in hosts.keys { layouts?[arm] = schedule.layout(round: round, arm: arm) }
        }
        try writer.append(
            .round(
                RoundRecord(
                    round: round, first: first, hosts: hosts,
                    boots: target.boots.isEmpty ? nil : target.boots, layouts: layouts,
                    at: Clock.realtimeNanoseconds())))
    }

    private mutating func chill(_ arm: Arm) { cold[arm] = Set(plan.suite.cells.indices) }

    private mutating func interrupt() {
        report(.interrupted)
        outcome.interrupted = true
    }

    // MARK: Slices

    /// Measures one slice; nil when the cell or the round ends with it.
    private mutating func measure(
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
        case .unfit(let error): try lose(step, error)
        }
        return nil
    }

    /// Has the cell of a step prepared on its arm.
    ///
    /// - Returns: whether its workers are parked there.
    private mutating func prepare(
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
        case .unfit(let error): try lose(step, error)
        }
        return false
    }

    /// Ends what is prepared of a cell, and keeps what the kernel counted.
    private mutating func release(_ cell: Int) async throws(PlumblineError) {
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

    private mutating func fail(
        _ step: Schedule.Step, _ error: PlumblineError, isTrial: Bool
    ) async throws(PlumblineError) {
        resident[step.arm] = nil
        if target.armsShareMachine { resident = [:] }
        try fail(step, error)
        if !isTrial { try await tryOtherArm(step) }
    }

    /// Where the machine is lost the round is void, and the cell goes on in the next one.
    private mutating func lose(
        _ step: Schedule.Step, _ error: PlumblineError
    ) throws(PlumblineError) {
        if target.loss == nil { try fail(step, error) }
    }

    /// Finds out whether a cell that failed does so on one arm only, which is a finding.
    private mutating func tryOtherArm(_ step: Schedule.Step) async throws(PlumblineError) {
        guard plan.kind != .run, !plan.alternates, !stops, !isInterrupted(),
            cells[step.cell].slices(step.arm.other) == 0
        else { return }
        let other = Schedule.Step(
            cell: step.cell, block: step.block, position: 0, arm: step.arm.other)
        _ = try await measure(other, isTrial: true)
    }

    private mutating func order(_ step: Schedule.Step, isFirst: Bool) -> SliceOrder {
        orders += 1
        let suite = plan.suite
        let isCold = cold[step.arm]?.remove(step.cell) != nil
        if target.armsShareMachine { cold[step.arm.other]?.remove(step.cell) }
        let warmup = isCold ? suite.warmup : isFirst ? Schedule.visitGuard : 0
        return SliceOrder(
            order: orders, visit: resident[step.arm] ?? 0, cell: suite.cells[step.cell].name,
            number: cells[step.cell].slices(step.arm),
            duration: lengths[step.cell] ?? suite.slice,
            guardTime: max(warmup, suite.guardTime), seed: schedule.dataSeed(step),
            pressureThreshold: suite.pressureThreshold)
    }

    private mutating func keep(
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

    private mutating func fail(
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

    // MARK: Progress

    private mutating func reportSlice(of cell: Int) {
        let total = plan.mostSlices
        shown = max(shown, total - slicesLeft.reduce(0, +))
        report(
            .slice(
                cell: plan.suite.cells[cell].label, done: shown, total: total, remaining: remaining)
        )
    }

    private func reportEstimate(of cell: Int) {
        guard let estimate = cells[cell].estimate else { return }
        report(.estimate(cell: plan.suite.cells[cell].label, estimate))
    }

    /// The slices of each cell that are left at most, those of warm-ups included.
    private var slicesLeft: [Int] {
        cells.enumerated().map { place, cell in
            if plan.kind == .run || cell.isDone { return cell.left }
            let open = blocks[place]?.count ?? 0
            return Block.length * (cell.left + (unready.contains(place) ? 1 : 0))
                - open % Block.length
        }
    }

    private var remaining: Duration {
        let (slices, suite) = (slicesLeft, plan.suite)
        // A guest of both arms counts as two boots of half the time.
        let boots = 2 * (cells.map(\.bootsLeft).max() ?? 0)
        let unfinished = cells.indices.filter { !cells[$0].isDone }
        // Cells that are cold now, and all those that a boot makes cold.
        let arms: [Arm] = target.armsShareMachine ? [.a] : Arm.allCases
        let cold =
            unfinished.count * boots / (target.armsShareMachine ? 2 : 1)
            + arms.reduce(0) { sum, arm in
                sum + unfinished.count { self.cold[arm]?.contains($0) == true }
            }
        let planned =
            slices.enumerated().reduce(0) { sum, left in
                sum + left.element * ((lengths[left.offset] ?? suite.slice) + suite.guardTime)
            }
            + cold * max(0, suite.warmup - suite.guardTime)
        return time.estimate(planned: .nanoseconds(planned), slices: slices, boots: boots)
    }
}

extension ExperimentRunner {
    /// Refuses to go on with a journal on another kernel.
    private static func refuseOtherKernel(
        _ hello: Hello, than first: Hello, in path: String
    ) throws(PlumblineError) {
        guard hello.isSameKernel(as: first) else {
            throw .usage(
                "\(path) was measured on Linux \(first.kernelRelease) \(first.kernelVersion), and "
                    + "this is \(hello.kernelRelease) \(hello.kernelVersion)",
                remedy: "boot that kernel to resume, or start a new journal")
        }
    }

    /// Refuses to go on with a journal on another machine.
    private static func refuseOtherMachine(
        _ hello: Hello, than first: Hello, in path: String
    ) throws(PlumblineError) {
        guard hello.isLikelySameMachine(as: first) else {
            throw .usage(
                "\(path) was measured on a machine with \(first.hardware), and this one has "
                    + hello.hardware,
                remedy: "go on with it on that machine, or start a new journal")
        }
    }

    private static func otherKernel(_ hello: Hello, _ arm: Arm) -> PlumblineError {
        .failure(
            "the kernel of arm \(arm) is not the one of earlier rounds: "
                + "\(hello.kernelRelease) \(hello.kernelVersion)",
            remedy: "do not replace the image during a measurement; start a new journal")
    }
}

extension Hello {
    func isSameKernel(as other: Hello) -> Bool {
        kernelRelease == other.kernelRelease && kernelVersion == other.kernelVersion
            && buildID == other.buildID
    }

    /// Boots of one kernel on one machine may differ a little in the memory that is left to them.
    fileprivate func isLikelySameMachine(as other: Hello) -> Bool {
        let (least, most) = (min(memory, other.memory), max(memory, other.memory))
        return cpus == other.cpus && cpuModel == other.cpuModel && most - least <= most / 16
    }

    /// `2 CPUs (MODEL) and 7.8 GiB of memory`.
    fileprivate var hardware: String {
        let model = cpuModel.map { " (\($0))" } ?? ""
        let size = Decimal.fixed(Double(memory) / 1_073_741_824, 1)
        return "\(Decimal.count(cpus, "CPU"))\(model) and \(size) GiB of memory"
    }
}
