// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Linux
import Machine
import Protocol

/// Compares two values of knobs on the kernel of this machine: switches between slices, in blocks
/// whose order is random, and keeps the journal.
public struct ToggleController: Sendable {
    /// What is compared, and until when.
    public struct Plan: Sendable, Equatable {
        /// What is measured, the knobs' settings not among its cells' settings.
        public let suite: SuiteRecord
        /// What is switched.
        public let knobs: [Knob]
        /// When the cells stop.
        public let comparison: ComparisonRecord

        /// A plan, checked as far as it can be without touching the machine.
        ///
        /// - Parameters:
        ///   - equivalence: ±X as a fraction.
        ///   - lens: `instructions` has the machine's PMU count them.
        ///   - warmup: the least guard of a cell's first slice, nanoseconds; one block that does
        ///     not count follows it in any case.
        /// - Throws: `usage` when a cell does not take a knob's value.
        public init(
            suite: SuiteRecord, knobs: [Knob], stopping: StoppingPlan, equivalence: Double,
            lens: Lens = .wall, warmup: Int = 2_000_000_000
        ) throws(PlumblineError) {
            var neutral = try KnobSettings(knobs).neutral(suite)
            neutral.warmup = max(neutral.warmup, warmup)
            self.suite = neutral
            self.knobs = knobs
            func arm(_ arm: Arm) -> ComparisonRecord.Arm {
                .init(label: knobs.map { $0.label(arm) }.joined(separator: " "))
            }
            comparison = stopping.record(
                arms: .init(a: arm(.a), b: arm(.b)), knobs: knobs.map(\.record),
                equivalence: equivalence, lens: lens)
        }

        /// The plan of a journal's header.
        ///
        /// - Throws: `usage` when it is no toggle's.
        public init(_ header: JournalHeader, in path: String) throws(PlumblineError) {
            guard header.experiment.kind == .toggle, let comparison = header.comparison else {
                throw .usage(
                    "\(path) is no toggle's journal", remedy: "give another one with --output")
            }
            suite = header.suite
            self.comparison = comparison
            knobs = comparison.knobs.map { Knob($0) }
        }
    }

    /// How long the cells take at most, nanoseconds; setting up is not in it.
    public static func plannedTime(_ plan: Plan) -> Int {
        let extra = max(0, plan.suite.warmup - plan.suite.guardTime)
        let cell = (plan.comparison.limit + 1) * StoppingPlan.blockTime(plan.suite) + extra
        return plan.suite.cells.count * cell
    }

    private let configuration: AgentConfiguration
    private let ledgers: String
    private let isInterrupted: @Sendable () -> Bool
    private let report: @Sendable (RunProgress) -> Void

    /// A controller.
    ///
    /// - Parameters:
    ///   - ledgers: the directory in which the knobs' old values are on record.
    ///   - isInterrupted: whether a signal came that ends the toggle.
    ///   - report: takes what happens.
    public init(
        _ configuration: AgentConfiguration, ledgers: String = StateDirectory.path,
        isInterrupted: @escaping @Sendable () -> Bool,
        report: @escaping @Sendable (RunProgress) -> Void
    ) {
        self.configuration = configuration
        self.ledgers = ledgers
        self.isInterrupted = isInterrupted
        self.report = report
    }

    /// Runs a toggle from its start; the journal's header is written once an agent greeted.
    ///
    /// - Throws: `usage` or `failure` when a knob cannot be switched, `failure` when no agent works
    ///   or the journal cannot be written; the knobs are put back all the same.
    public func run(
        _ plan: Plan, seed: UInt64, options: [String], journal writer: JournalWriter
    ) async throws(PlumblineError) -> RunController.Outcome {
        let course = try CellCourse(
            plan.comparison, cells: plan.suite.cells.count, seed: seed)
        let courses = plan.suite.cells.map { _ in course }
        return try await sit(plan, seed, courses, writer) { (hello) throws(PlumblineError) in
            try writer.append(
                RunController.header(
                    .toggle, plan.suite, seed: seed, options: options, host: hello,
                    comparison: plan.comparison))
        }
    }

    /// Goes on with a toggle that ended early; each cell warms up again, and a block that was cut
    /// short is made anew.
    ///
    /// - Throws: as `run`; `usage` on another kernel.
    public func resume(
        _ journal: StoredJournal, journal writer: JournalWriter
    ) async throws(PlumblineError) -> RunController.Outcome {
        let header = journal.header
        let plan = try Plan(header, in: writer.path)
        let (courses, extensions) = try CellCourse.courses(
            of: journal, plan.suite, plan.comparison)
        if courses.allSatisfy(\.isDone) { return RunController.Outcome() }
        return try await sit(plan, header.seed, courses, writer) {
            (hello) throws(PlumblineError) in
            try RunController.resumed(writer, header, on: hello)
            for warmup in extensions { try writer.append(.warmupExtended(warmup)) }
        }
    }

    private func sit(
        _ plan: Plan, _ seed: UInt64, _ courses: [CellCourse], _ writer: JournalWriter,
        greeted: (Hello) throws(PlumblineError) -> Void
    ) async throws(PlumblineError) -> RunController.Outcome {
        let knobs = try KnobSwitch(plan.knobs, ledgers: ledgers)
        defer { for notice in knobs.restore() { report(.note(notice)) } }
        try knobs.rehearse()
        var configuration = configuration
        if plan.comparison.countsInstructions {
            configuration.objection = InstructionCounting.objection
        }
        let bench = KnobBench(
            plan.knobs, switch: knobs,
            driver: AgentDriver(
                configuration, isInterrupted: isInterrupted,
                report: { [report] in report(RunProgress($0)) }))
        var sitting = ToggleSitting(
            BlockRunner(
                suite: plan.suite, comparison: plan.comparison, seed: seed, courses: courses,
                bench: bench, report: report),
            report: report)
        return try await sitting.run(writer, greeted: greeted)
    }
}

extension Knob {
    /// A knob as a journal has it.
    init(_ record: ComparisonRecord.Knob) {
        kind = record.kind
        target = record.target
        a = record.a
        b = record.b
    }
}
