// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Linux
import Protocol
import Verdicts

/// Rounds of boots, passes over the cells, and blocks.
extension ExperimentRunner {
    mutating func measure() async throws(PlumblineError) -> JournalEvent.Ending.State {
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

    mutating func measure(round number: Int) async throws(PlumblineError) {
        let first = schedule.firstArm(round: number)
        for boot in 1...plan.bootsPerRound {
            if plan.bootsRounds { begin(round: number, boot: boot) }
            guard boot == 1 || !stops && cells.contains(where: \.wantsBlock) else { return }
            try await measure(round: number, first: boot == 1 ? first : first.other)
        }
    }

    mutating func measure(
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

    mutating func begin(round number: Int, boot: Int) {
        round = number
        let planned = plan.plannedUnits ?? 1
        if boot == 1 {
            report(.round(number: number - losses, planned: max(planned, number - losses + 1)))
        }
        for cell in cells.indices { cells[cell].begin(round: number, boot: boot) }
        for arm in Arm.allCases { chill(arm) }
    }

    mutating func measure(
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

    mutating func make(_ visit: Schedule.Visit) async throws(PlumblineError) {
        cells[visit.cell].beginVisit()
        cutBlock = nil
        for step in visit.steps where !cells[visit.cell].isDone && step.block != cutBlock {
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
    mutating func flush() throws(PlumblineError) {
        let slices = pending
        pending = []
        try writer.append(slices.map { .slice($0) })
    }

    /// Whether nothing more is measured in this round.
    var stops: Bool { outcome.interrupted || target.loss != nil }

    /// Judges the block that ends with this step.
    mutating func close(_ step: Schedule.Step) throws(PlumblineError) {
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
    mutating func fit(
        _ cell: Int, to records: [SliceRecord]
    ) throws(PlumblineError) {
        let (name, label) = (plan.suite.cells[cell].name, plan.suite.cells[cell].label)
        let length = lengths[cell] ?? plan.suite.slice
        if let program = programs[cell] {
            if program.endsSlice { try note(records, of: cell, planned: length) }
            return
        }
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

    /// Notes how long a program takes that ends its slices, for the time that is left.
    private mutating func note(
        _ records: [SliceRecord], of cell: Int, planned: Int
    ) throws(PlumblineError) {
        let times = records.filter(\.validity.isValid).map { Int(clamping: $0.interval) }
        guard !times.isEmpty else { return }
        let mean = times.reduce(0, +) / times.count
        guard 2 * mean > 3 * planned else { return }
        let (name, label) = (plan.suite.cells[cell].name, plan.suite.cells[cell].label)
        lengths[cell] = min(mean, Setting.longestTime)
        try writer.append(.sliceLength(.init(cell: name, slice: min(mean, Setting.longestTime))))
        let took = Decimal.time(nanoseconds: Double(mean))
        let asked = Decimal.time(nanoseconds: Double(planned))
        report(
            .note(
                "\(label): a run takes \(took), and \(asked) were planned; the cell takes so much "
                    + "longer. --slice \(took) plans for it"))
    }

    mutating func void(round number: Int, _ loss: Loss) throws(PlumblineError) {
        try writer.append(.roundVoid(.init(round: number, arm: loss.arm, error: loss.error)))
        for cell in cells.indices { cells[cell].void(round: number) }
        losses += 1
        report(.cellFailed(cell: "arm \(loss.arm)", error: loss.error))
    }

    /// Notes the machines that came up: every cell is cold to them.
    mutating func welcome(
        _ hosts: [Arm: Hello], first: Arm
    ) throws(PlumblineError) {
        guard !hosts.isEmpty else { return }
        for arm in target.armsShareMachine ? Arm.allCases : Array(hosts.keys) {
            chill(arm)
            resident[arm] = nil
        }
        guard plan.bootsRounds, let round, target.loss == nil else { return }
        try refuseTwoMachines(hosts)
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

    mutating func chill(_ arm: Arm) { cold[arm] = Set(plan.suite.cells.indices) }

    mutating func interrupt() {
        report(.interrupted)
        outcome.interrupted = true
    }
}
