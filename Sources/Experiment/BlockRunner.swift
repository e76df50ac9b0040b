// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import Protocol
import Verdicts

/// Works through rounds of blocks until every cell has its answer, or has what it gets in this
/// round of boots.
struct BlockRunner<Bench: ArmBench> {
    private let suite: SuiteRecord
    private let comparison: ComparisonRecord
    private let schedule: BlockSchedule
    private let report: @Sendable (RunProgress) -> Void
    private(set) var courses: [CellCourse]
    /// The round of boots; nil where all run in one.
    private var round: Int?
    /// Cells whose next slice on an arm has the long guard.
    private var cold: [Arm: Set<Int>] = [:]
    /// Cells whose next block is a warm-up.
    private var unready: Set<Int> = []
    /// The first halves of blocks whose second one is not there yet.
    private var halves: [Int: [SliceRecord]] = [:]
    private var orders = 0
    private var time = RemainingTime()
    private(set) var outcome = RunController.Outcome()
    var bench: Bench

    /// A runner that goes on from where the courses are.
    init(
        suite: SuiteRecord, comparison: ComparisonRecord, seed: UInt64, courses: [CellCourse],
        bench: Bench, report: @escaping @Sendable (RunProgress) -> Void
    ) {
        self.suite = suite
        self.comparison = comparison
        self.courses = courses
        self.bench = bench
        self.report = report
        schedule = BlockSchedule(suite, seed: seed)
        if bench.armsShareAgent { unready = Set(suite.cells.indices) }
        chill()
    }

    /// Whether the arms are up one after the other, each for a half of a block.
    private var alternates: Bool { comparison.knobs.isEmpty && comparison.rounds == nil }

    /// Whether a cell needs more blocks.
    var goesOn: Bool { !courses.allSatisfy(\.isDone) }

    /// Begins a round of boots, to which every cell is cold.
    mutating func begin(round: Int) {
        self.round = round
        for cell in courses.indices { courses[cell].begin(round: round) }
        chill()
    }

    /// Leaves out what a round measured.
    mutating func void(round: Int) {
        for cell in courses.indices { courses[cell].void(round: round) }
    }

    /// Notes that a signal came.
    mutating func interrupt() {
        report(.interrupted)
        outcome.interrupted = true
    }

    private mutating func chill() {
        for arm in Arm.allCases { cold[arm] = Set(suite.cells.indices) }
    }

    /// Runs blocks until no cell wants another one in this round, or an arm is lost.
    mutating func run(_ writer: JournalWriter) async throws(PlumblineError) {
        while let next = courses.filter(\.wantsBlock).map(\.nextBlock).min() {
            for cell in schedule.cells(round: next)
            where courses[cell].wantsBlock && courses[cell].nextBlock == next {
                try await block(cell, writer)
                if outcome.interrupted || bench.loss != nil { return }
            }
        }
    }

    /// Runs one half of every cell's block where only one arm is up at a time: two slices each.
    ///
    /// - Parameters:
    ///   - number: the block's, which is the round's.
    ///   - place: 0 for the first half, 1 for the second.
    mutating func runHalf(
        of number: Int, place: Int, on arm: Arm, _ writer: JournalWriter
    ) async throws(PlumblineError) {
        for cell in schedule.cells(round: number) where !courses[cell].isDone {
            var slices = place == 0 ? [] : halves[cell] ?? []
            for position in [2 * place, 2 * place + 1] where !courses[cell].isDone {
                if let slice = try await slice(cell, number, position, arm, nil, writer) {
                    slices.append(slice)
                }
                if outcome.interrupted || bench.loss != nil { return }
            }
            halves[cell] = slices
            if place == 1 {
                _ = courses[cell].add(
                    Block(
                        number: number, records: slices,
                        countsInstructions: comparison.countsInstructions))
            }
        }
    }

    /// Runs a cell's next block: four slices, all of them even when one is void, because to stop
    /// there would be to look at the arms.
    private mutating func block(_ cell: Int, _ writer: JournalWriter) async throws(PlumblineError) {
        let number = courses[cell].nextBlock
        let isWarmup = unready.remove(cell) != nil
        var slices: [SliceRecord] = []
        for (position, arm) in schedule.order(cell: cell, block: number).arms.enumerated() {
            guard
                let slice = try await slice(
                    cell, number, position, arm, isWarmup ? true : nil, writer)
            else { return }
            slices.append(slice)
        }
        if let first = courses[cell].add(
            Block(
                number: number, records: slices,
                countsInstructions: comparison.countsInstructions))
        {
            let name = suite.cells[cell].name
            try writer.append(.warmupExtended(.init(cell: name, firstBlock: first)))
            report(.note("\(name): the warm-up was longer than planned; it goes on"))
        }
    }

    /// Switches and runs one slice; nil when the cell or the sitting ends with it.
    private mutating func slice(
        _ cell: Int, _ block: Int, _ position: Int, _ arm: Arm, _ warmup: Bool?,
        _ writer: JournalWriter
    ) async throws(PlumblineError) -> SliceRecord? {
        if bench.isInterrupted {
            interrupt()
            return nil
        }
        if try await bench.turn(to: arm) { chill() }
        let order = try order(cell, block, position, arm)
        let begun = ContinuousClock.now
        report(
            .slice(
                cell: order.cell.name, done: slicesDone, total: slicesDone + slicesLeft,
                remaining: remaining()))
        switch try await bench.perform(order, on: arm) {
        case .slice(let slice):
            time.add(
                planned: .nanoseconds(order.duration + order.guardTime),
                observed: ContinuousClock.now - begun)
            return try keep(slice, cell, arm, block, position, warmup, writer)
        case .interrupted(let slice):
            outcome.interrupted = true
            if let slice { _ = try keep(slice, cell, arm, block, position, warmup, writer) }
        case .failed(let error):
            try fail(cell, arm, error, writer)
            try await tryOther(cell, arm.other, block, writer)
        case .unfit(let error):
            // Where there is another machine the round is void, and the cell goes on in the next.
            if bench.loss == nil { try fail(cell, arm, error, writer) }
        }
        return nil
    }

    private mutating func keep(
        _ slice: SliceRecord, _ cell: Int, _ arm: Arm, _ block: Int, _ position: Int,
        _ warmup: Bool?, _ writer: JournalWriter
    ) throws(PlumblineError) -> SliceRecord {
        var slice = slice
        slice.arm = arm
        slice.block = block
        slice.round = round
        slice.position = position
        slice.warmup = warmup
        try writer.append(.slice(slice))
        courses[cell].add(SliceSummary(slice))
        if !slice.validity.isValid {
            report(.void(cell: slice.cell, reasons: slice.validity.reasons.keys.sorted()))
        }
        return slice
    }

    private mutating func fail(
        _ cell: Int, _ arm: Arm, _ error: PlumblineError, _ writer: JournalWriter
    ) throws(PlumblineError) {
        let failure = JournalEvent.CellFailure(
            cell: suite.cells[cell].name, arm: arm, visit: courses[cell].visit(arm),
            error: error)
        try writer.append(.cellFailed(failure))
        outcome.failures.append(failure)
        courses[cell].giveUp()
        report(.cellFailed(cell: "\(failure.cell) on arm \(arm)", error: error))
    }

    /// Finds out whether a cell that failed does so on one arm only, which is a finding.
    private mutating func tryOther(
        _ cell: Int, _ arm: Arm, _ block: Int, _ writer: JournalWriter
    ) async throws(PlumblineError) {
        guard courses[cell].visit(arm) == 0, bench.loss == nil, bench.isUp(arm),
            !bench.isInterrupted
        else { return }
        if try await bench.turn(to: arm) { chill() }
        switch try await bench.perform(try order(cell, block, 0, arm), on: arm) {
        case .slice(let slice): _ = try keep(slice, cell, arm, block, 0, true, writer)
        case .failed(let error): try fail(cell, arm, error, writer)
        case .unfit(let error): if bench.loss == nil { try fail(cell, arm, error, writer) }
        case .interrupted: outcome.interrupted = true
        }
    }

    private mutating func order(
        _ cell: Int, _ block: Int, _ position: Int, _ arm: Arm
    ) throws(PlumblineError) -> SliceOrder {
        orders += 1
        let isCold = cold[arm]?.remove(cell) != nil
        if bench.armsShareAgent { cold[arm.other]?.remove(cell) }
        return SliceOrder(
            order: orders, cell: try bench.plan(suite.cells[cell], on: arm),
            visit: courses[cell].visit(arm), duration: suite.slice,
            guardTime: isCold ? max(suite.warmup, suite.guardTime) : suite.guardTime,
            seed: schedule.dataSeed(
                cell: cell, block: block, pair: alternates ? position % 2 : position / 2),
            pressureThreshold: suite.pressureThreshold,
            countsInstructions: comparison.countsInstructions)
    }

    private var slicesDone: Int {
        courses.reduce(0) { $0 + $1.visit(.a) + $1.visit(.b) }
    }

    /// The slices of blocks that are left at most, and of warm-ups.
    var slicesLeft: Int {
        let blocks = courses.reduce(0) { sum, course in
            sum + (course.isDone ? 0 : max(0, comparison.limit - course.blocks))
        }
        return Block.length * (blocks + unready.filter { !courses[$0].isDone }.count)
    }

    func remaining() -> Duration {
        let left = slicesLeft
        return time.estimate(
            planned: .nanoseconds(left * (suite.slice + suite.guardTime)), slices: left)
    }
}
