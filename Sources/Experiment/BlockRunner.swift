// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration
import Journal
import Linux

/// One sitting of a toggle: works through rounds of blocks until every cell has its answer.
struct ToggleSitting: Sitting {
    private let suite: SuiteRecord
    private let comparison: ComparisonRecord
    private let schedule: BlockSchedule
    private let settings: KnobSettings
    private let knobs: KnobSwitch
    private let report: @Sendable (RunProgress) -> Void
    private var courses: [CellCourse]
    /// Cells whose next slice has the long guard.
    private var cold: Set<Int>
    /// Cells whose next block is a warm-up.
    private var unready: Set<Int>
    private var orders = 0
    private var time = RemainingTime()
    private(set) var outcome = RunController.Outcome()
    var driver: AgentDriver

    /// A sitting that goes on from where the courses are.
    init(
        suite: SuiteRecord, comparison: ComparisonRecord, seed: UInt64, courses: [CellCourse],
        knobs: (all: [Knob], switch: KnobSwitch), driver: AgentDriver,
        report: @escaping @Sendable (RunProgress) -> Void
    ) {
        self.suite = suite
        self.comparison = comparison
        self.courses = courses
        self.driver = driver
        self.report = report
        schedule = BlockSchedule(suite, seed: seed)
        settings = KnobSettings(knobs.all)
        self.knobs = knobs.switch
        cold = Set(suite.cells.indices)
        unready = cold
    }

    mutating func run(
        _ writer: JournalWriter, greeted: (Hello) throws(PlumblineError) -> Void
    ) async throws(PlumblineError) -> RunController.Outcome {
        let report = report
        let (slices, time) = (slicesLeft, remaining())
        try await conduct(writer) { (hello) throws(PlumblineError) in
            try greeted(hello)
            report(.started(kernel: hello.kernelRelease, slices: slices, remaining: time))
        }
        return outcome
    }

    mutating func work(
        _ writer: JournalWriter
    ) async throws(PlumblineError) -> JournalEvent.Ending.State {
        while let round = courses.filter({ !$0.isDone }).map(\.nextBlock).min() {
            for cell in schedule.cells(round: round)
            where !courses[cell].isDone && courses[cell].nextBlock == round {
                try await block(cell, writer)
                if outcome.interrupted { return .interrupted }
            }
        }
        return .finished
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
        if let first = courses[cell].add(BlockRecord(number: number, slices: slices)) {
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
        if driver.isInterrupted() {
            report(.interrupted)
            outcome.interrupted = true
            return nil
        }
        if try await driver.revive() { cold = Set(suite.cells.indices) }
        try knobs.turn(to: arm)
        let order = try order(cell, block, position, arm)
        let begun = ContinuousClock.now
        report(
            .slice(
                cell: order.cell.name, done: slicesDone, total: slicesDone + slicesLeft,
                remaining: remaining()))
        switch try await driver.perform(order) {
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
        }
        return nil
    }

    private mutating func keep(
        _ slice: SliceRecord, _ cell: Int, _ arm: Arm, _ block: Int, _ position: Int,
        _ warmup: Bool?, _ writer: JournalWriter
    ) throws(PlumblineError) -> SliceRecord {
        var slice = slice
        slice.arm = arm.rawValue
        slice.block = block
        slice.position = position
        slice.warmup = warmup
        try writer.append(.slice(slice))
        courses[cell].add(slice)
        if !slice.validity.isValid {
            report(.void(cell: slice.cell, reasons: slice.validity.reasons.keys.sorted()))
        }
        return slice
    }

    private mutating func fail(
        _ cell: Int, _ arm: Arm, _ error: PlumblineError, _ writer: JournalWriter
    ) throws(PlumblineError) {
        let failure = JournalEvent.CellFailure(
            cell: suite.cells[cell].name, arm: arm.rawValue, visit: courses[cell].visit(arm),
            error: error)
        try writer.append(.cellFailed(failure))
        outcome.failures.append(failure)
        courses[cell].giveUp()
        report(.cellFailed(cell: "\(failure.cell) on arm \(arm.rawValue)", error: error))
    }

    /// Finds out whether a cell that failed does so on one arm only, which is a finding.
    private mutating func tryOther(
        _ cell: Int, _ arm: Arm, _ block: Int, _ writer: JournalWriter
    ) async throws(PlumblineError) {
        guard courses[cell].visit(arm) == 0, !driver.isInterrupted() else { return }
        if try await driver.revive() { cold = Set(suite.cells.indices) }
        try knobs.turn(to: arm)
        switch try await driver.perform(try order(cell, block, 0, arm)) {
        case .slice(let slice): _ = try keep(slice, cell, arm, block, 0, true, writer)
        case .failed(let error): try fail(cell, arm, error, writer)
        case .interrupted: outcome.interrupted = true
        }
    }

    private mutating func order(
        _ cell: Int, _ block: Int, _ position: Int, _ arm: Arm
    ) throws(PlumblineError) -> SliceOrder {
        orders += 1
        let isCold = cold.remove(cell) != nil
        return SliceOrder(
            order: orders, cell: try settings.setting(suite.cells[cell], arm),
            visit: courses[cell].visit(arm), duration: suite.slice,
            guardTime: isCold ? max(suite.warmup, suite.guardTime) : suite.guardTime,
            seed: schedule.dataSeed(cell: cell, block: block, position: position),
            pressureThreshold: suite.pressureThreshold)
    }

    private var slicesDone: Int {
        courses.reduce(0) { $0 + $1.visit(.a) + $1.visit(.b) }
    }

    /// The slices of blocks that are left at most, and of warm-ups.
    private var slicesLeft: Int {
        let blocks = courses.reduce(0) { sum, course in
            sum + (course.isDone ? 0 : max(1, comparison.limit - course.blocks))
        }
        return BlockRecord.length * (blocks + unready.filter { !courses[$0].isDone }.count)
    }

    private func remaining() -> Duration {
        let left = slicesLeft
        return time.estimate(
            planned: .nanoseconds(left * (suite.slice + suite.guardTime)), slices: left)
    }
}
