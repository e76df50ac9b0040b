// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Protocol

/// One sitting of a run: works through the slices that are left.
struct Session: Sitting {
    private let suite: SuiteRecord
    private let seed: UInt64
    private let countsInstructions: Bool
    private let report: @Sendable (RunProgress) -> Void
    private var left: [Schedule.Visit]
    private let total: Int
    private var warm: Set<Int> = []
    private var orders = 0
    private var time = RemainingTime()
    private var outcome = RunController.Outcome()
    private var driver: AgentDriver

    /// A sitting that leaves out what is done.
    init(
        suite: SuiteRecord, seed: UInt64, countsInstructions: Bool, left: [Schedule.Visit],
        total: Int, driver: AgentDriver,
        report: @escaping @Sendable (RunProgress) -> Void
    ) {
        self.suite = suite
        self.seed = seed
        self.countsInstructions = countsInstructions
        self.left = left
        self.total = total
        self.driver = driver
        self.report = report
    }

    /// Runs what is left; `greeted` writes the journal's first line of this sitting.
    mutating func run(
        _ writer: JournalWriter, greeted: (Hello) throws(PlumblineError) -> Void
    ) async throws(PlumblineError) -> RunController.Outcome {
        let report = report
        let (slices, time) = (left.count, remaining())
        try await conduct(writer) { (hello) throws(PlumblineError) in
            try greeted(hello)
            report(.started(kernel: hello.kernelRelease, slices: slices, remaining: time))
        }
        return outcome
    }

    mutating func greeting() async throws(PlumblineError) -> Hello { try await driver.greeting() }

    mutating func end() async { await driver.end() }

    var complaint: PlumblineError? { driver.complaint }

    mutating func work(
        _ writer: JournalWriter
    ) async throws(PlumblineError) -> JournalEvent.Ending.State {
        while let visit = left.first {
            if driver.isInterrupted() {
                report(.interrupted)
                outcome.interrupted = true
                break
            }
            if try await driver.revive() { warm = [] }
            let order = order(for: visit)
            let begun = ContinuousClock.now
            report(
                .slice(
                    cell: order.cell.name, done: total - left.count, total: total,
                    remaining: remaining()))
            switch try await driver.perform(order) {
            case .slice(let slice):
                try keep(slice, writer)
                time.add(planned: planned(order), observed: ContinuousClock.now - begun)
            case .failed(let error), .unfit(let error): try fail(visit, order, error, writer)
            case .interrupted(let slice):
                if let slice { try keep(slice, writer) }
                outcome.interrupted = true
                left = []
            }
        }
        return outcome.interrupted ? .interrupted : .finished
    }

    private mutating func keep(
        _ slice: SliceRecord, _ writer: JournalWriter
    ) throws(PlumblineError) {
        try writer.append(.slice(slice))
        left.removeFirst()
        if !slice.validity.isValid {
            report(
                .void(cell: slice.cell, reasons: slice.validity.reasons.keys.sorted()))
        }
    }

    private mutating func fail(
        _ visit: Schedule.Visit, _ order: SliceOrder, _ error: PlumblineError,
        _ writer: JournalWriter
    ) throws(PlumblineError) {
        let failure = JournalEvent.CellFailure(
            cell: order.cell.name, visit: visit.number, error: error)
        try writer.append(.cellFailed(failure))
        outcome.failures.append(failure)
        left.removeAll { $0.cell == visit.cell }
        report(.cellFailed(cell: failure.cell, error: error))
    }

    private mutating func order(for visit: Schedule.Visit) -> SliceOrder {
        orders += 1
        let first = warm.insert(visit.cell).inserted
        return SliceOrder(
            order: orders, cell: suite.cells[visit.cell], visit: visit.number,
            duration: suite.slice,
            guardTime: first ? max(suite.warmup, suite.guardTime) : suite.guardTime,
            seed: SplitMix64.derive(seed, visit.cell, visit.number),
            pressureThreshold: suite.pressureThreshold, countsInstructions: countsInstructions)
    }

    private func planned(_ order: SliceOrder) -> Duration {
        .nanoseconds(order.duration + order.guardTime)
    }

    private func remaining() -> Duration {
        let slice = suite.slice + suite.guardTime
        let cold = Set(left.map(\.cell)).subtracting(warm).count
        let extra = max(suite.warmup, suite.guardTime) - suite.guardTime
        return time.estimate(
            planned: .nanoseconds(left.count * slice + cold * extra), slices: left.count)
    }
}
