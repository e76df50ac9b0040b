// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Doctor
import Experiment
import Journal
import Linux
import Machine
import Protocol
import Reports
import Suites
import Verdicts

/// `plumbline doctor --calibrate`: compares two equal arms on the cells of smoke, with slices of
/// several lengths.
///
/// Each length has two turns, so that a noisy minute does not hit one length only. A turn ends by
/// wall time: what a length needs for set-up and turnaround, it does not measure. The turns of the
/// default length are longer, because its blocks are cut into A/A comparisons.
struct CalibrationRun {
    /// A setting that every workload has, switched between two equal values.
    static let placebo = "set:timing=op,op"
    private static let suite = "smoke"
    /// Slices and their guards that are compared with the default, nanoseconds.
    private static let others = [
        (slice: 20_000_000, guardTime: 10_000_000), (100_000_000, 10_000_000),
        (500_000_000, 50_000_000),
    ]
    private static let turns = 2
    /// Turns of another length that one of the default length lasts as long as.
    private static let weight = 3
    /// Blocks of each A/A comparison.
    private static let placeboBlocks = 10
    /// What one visit of a cell takes with set-up and warm-up, seconds.
    private static let visitTime = 2.8

    /// The wall time of all turns.
    let minutes: Double
    let seed: UInt64?
    let output: String?
    let agent: String?
    let format: ReportFormat

    /// Measures, judges, keeps and prints.
    ///
    /// - Returns: 0, 5 when verdicts find too much, 130 after an interruption.
    /// - Throws: as a toggle; `failure` when the result cannot be saved.
    func run(on console: Console) async throws -> Int32 {
        let plans = try plans(console)
        if output == nil { try StateDirectory.prepare() }
        var journals: [JournalWriter] = []
        defer {
            for journal in journals {
                journal.removeIfEmpty()
                if output == nil { try? SystemFile.unlink(journal.path) }
            }
        }
        for plan in plans { journals.append(try .create(at: path(of: plan))) }
        try Interrupts.catch()
        let agent = try agent ?? AgentExecutable.find(in: console.environment["PATH"] ?? "")
        guard try await measure(plans, in: journals, agent: agent, console) else { return 130 }
        let stored = try journals.map { (journal) throws(PlumblineError) in
            try StoredJournal(readingFrom: journal.path)
        }
        let record = try Calibration(stored[0], others: Array(stored.dropFirst()))
            .record(seed: plans[0].seed)
        return try keep(record, console)
    }

    /// Measures all turns.
    ///
    /// - Returns: whether no signal ended them.
    private func measure(
        _ plans: [Plan], in journals: [JournalWriter], agent: String, _ console: Console
    ) async throws -> Bool {
        let progress = ProgressReporter(console, quiet: false)
        defer { progress.clear() }
        var coin = SplitMix64(seed: plans[0].seed)
        let order = (0..<Self.turns).flatMap { _ in coin.shuffled(Array(plans.indices)) }
        let end = ContinuousClock.now + .seconds(60 * minutes)
        func weight(_ index: Int) -> Int { index == 0 ? Self.weight : 1 }
        for (number, index) in order.enumerated() {
            let (plan, now) = (plans[index], ContinuousClock.now)
            let left = order[number...].reduce(0) { $0 + weight($1) }
            let turnEnd = now + (end - now) * weight(index) / left
            let isOver: @Sendable () -> Bool = {
                Measurement.isInterrupted() || ContinuousClock.now >= turnEnd
            }
            let report: @Sendable (ProgressEvent) -> Void = { event in
                Self.show(event, plan, turn: number, of: order.count, end: end, on: progress)
            }
            try await measure(
                plan, in: journals[index], agent: agent, isOver: isOver, report: report)
            if Measurement.isInterrupted() { return false }
        }
        // The clock ended the turns, as planned.
        let ending = JournalEvent.Ending(state: .finished, at: Clock.realtimeNanoseconds())
        for journal in journals where journal.hasLines { try journal.append(.end(ending)) }
        return true
    }

    /// Measures one turn, and goes on with the journal of the turn before it.
    private func measure(
        _ plan: Plan, in journal: JournalWriter, agent: String,
        isOver: @escaping @Sendable () -> Bool, report: @escaping @Sendable (ProgressEvent) -> Void
    ) async throws {
        let target = try MachineTarget(
            plan, agent: .init(executable: agent), isInterrupted: isOver, report: report)
        var runner = try ExperimentRunner(
            plan, on: target, journal: journal, isInterrupted: isOver, report: report)
        if journal.hasLines {
            _ = try await runner.resume(StoredJournal(readingFrom: journal.path))
        } else {
            _ = try await runner.run()
        }
    }

    /// Shows what happens in a turn as a part of all.
    private static func show(
        _ event: ProgressEvent, _ plan: Plan, turn: Int, of turns: Int,
        end: ContinuousClock.Instant, on progress: ProgressReporter
    ) {
        switch event {
        case .slice(let cell, _, _, _):
            progress.show(
                .slice(
                    cell: "\(Decimal.milliseconds(plan.suite.slice)): \(cell)", done: turn,
                    total: turns, remaining: max(.zero, end - .now)))
        case .interrupted where !Measurement.isInterrupted(): break
        case .started, .estimate: break
        default: progress.show(event)
        }
    }

    private func keep(_ record: CalibrationRecord, _ console: Console) throws -> Int32 {
        let path = try CalibrationStore(environment: console.environment).save(record)
        try console.show(record, as: format)
        console.diagnostics("calibration: \(path)\n")
        return record.findsTooMuch ? 5 : 0
    }

    /// Where the journal of a slice length is kept.
    private func path(of plan: Plan) -> String {
        var stem = output ?? "\(StateDirectory.path)/calibration-\(ChildProcess.currentID).jsonl"
        if stem.hasSuffix(".jsonl") { stem.removeLast(".jsonl".count) }
        return "\(stem)-\(Decimal.milliseconds(plan.suite.slice)).jsonl"
    }

    /// A plan for each slice length, first the default; lengths and cells share the time.
    private func plans(_ console: Console) throws(PlumblineError) -> [Plan] {
        let suite = try SuiteParser.parse(SuiteSource.find(Self.suite), overrides: Overrides())
        let usual = suite.withShortSlices()
        let suites =
            [usual]
            + Self.others.map {
                var other = suite
                (other.slice, other.guardTime) = $0
                return other
            }
        let parts = (Self.weight + Self.others.count) * suite.cells.count
        try refuseTooLittleTime(for: parts)
        let seed = seed ?? .random(in: 0...UInt64(UInt32.max))
        return try suites.map { (suite) throws(PlumblineError) in
            let least =
                StoppingPlan.leastBlocks * Block.length * (suite.slice + suite.guardTime)
            let isUsual = suite == usual
            let budget = max(least, Int(minutes * 60e9) / parts * (isUsual ? Self.weight : 1))
            // Turns are short: the warm-up of the suite, and the block that does not count, do.
            var plan = try Plan.toggle(
                suite, knobs: Knob.parse([Self.placebo]),
                stopping: StoppingPlan(fixed: budget, suite: suite), equivalence: 0.02, seed: seed,
                arguments: console.arguments, warmup: 0)
            plan.comparison?.placeboUnits = Self.placeboBlocks
            return isUsual ? plan.withShortSlices() : plan
        }
    }

    /// Refuses a time in which a turn does not visit every cell.
    private func refuseTooLittleTime(for parts: Int) throws(PlumblineError) {
        let least = Int((Double(parts * Self.turns) * Self.visitTime / 60).rounded(.up))
        guard minutes < Double(least) else { return }
        throw .usage(
            "invalid value '\(minutes)' for --minutes (allowed: \(least) to 10080)",
            remedy: "each cell is measured \(Self.turns) times with each of "
                + "\(Self.others.count + 1) slice lengths, and longest with the default one")
    }
}
