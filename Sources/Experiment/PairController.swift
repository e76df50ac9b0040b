// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Linux
import Protocol

/// Compares two kernels in machines of their own: slices alternate between them in blocks whose
/// order is random, over several rounds of boots.
public struct PairController: Sendable {
    /// What is compared, and until when.
    public struct Plan: Sendable, Equatable {
        /// What is measured.
        public let suite: SuiteRecord
        /// The arms, and when the cells stop.
        public private(set) var comparison: ComparisonRecord
        /// What was claimed of the cells before.
        public var claims: [String: ComparisonRecord.Claim]? {
            get { comparison.claims }
            set { comparison.claims = newValue }
        }

        /// A plan.
        ///
        /// - Parameters:
        ///   - equivalence: ±X as a fraction.
        ///   - rounds: pairs of boots over which the blocks are spread; nil where the arms are up
        ///     one after the other, so that each block is a pair of boots.
        public init(
            suite: SuiteRecord, a: ArmTarget, b: ArmTarget, stopping: StoppingPlan,
            equivalence: Double, rounds: Int?, lens: Lens = .wall
        ) {
            self.suite = suite
            func arm(_ target: ArmTarget) -> ComparisonRecord.Arm {
                .init(
                    label: target.label, target: target.place, guest: target.configuration.guest,
                    deviations: target.deviations.isEmpty ? nil : target.deviations)
            }
            var comparison = stopping.record(
                arms: .init(a: arm(a), b: arm(b)), knobs: [], equivalence: equivalence, lens: lens)
            comparison.rounds = rounds
            self.comparison = comparison
        }

        /// The plan of a journal's header.
        ///
        /// - Throws: `usage` when it compares no kernels.
        public init(_ header: JournalHeader, in path: String) throws(PlumblineError) {
            guard header.experiment.kind == .ab, let comparison = header.comparison else {
                throw .usage(
                    "\(path) is no journal of two kernels",
                    remedy: "give another one with --output")
            }
            suite = header.suite
            self.comparison = comparison
        }

        /// Whether it goes on where another one ended: the host's clock rate, measured anew by each
        /// sitting, stands on the guests' command lines and is no difference.
        public func continues(_ other: Plan) -> Bool {
            func timeless(_ plan: Plan) -> Plan {
                var plan = plan
                plan.comparison.arms.a.guest?.commandLine.dropWords(beginningWith: "tsc_early_khz=")
                plan.comparison.arms.b.guest?.commandLine.dropWords(beginningWith: "tsc_early_khz=")
                return plan
            }
            return timeless(self) == timeless(other)
        }

        /// How long the cells take at most, nanoseconds; booting and setting up is not in it.
        public var time: Int {
            let extra =
                2 * max(0, suite.warmup - suite.guardTime) * (comparison.rounds ?? comparison.limit)
            return suite.cells.count
                * (comparison.limit * StoppingPlan.blockTime(suite) + extra)
        }
    }

    private let local: AgentConfiguration
    private let targets: [Arm: ArmTarget]
    private let isInterrupted: @Sendable () -> Bool
    private let report: @Sendable (RunProgress) -> Void

    /// A controller.
    ///
    /// - Parameters:
    ///   - local: an agent on this machine, which tells what it is.
    ///   - isInterrupted: whether a signal came that ends the comparison.
    ///   - report: takes what happens.
    public init(
        local: AgentConfiguration, a: ArmTarget, b: ArmTarget,
        isInterrupted: @escaping @Sendable () -> Bool,
        report: @escaping @Sendable (RunProgress) -> Void
    ) {
        self.local = local
        targets = [.a: a, .b: b]
        self.isInterrupted = isInterrupted
        self.report = report
    }

    /// Runs a comparison from its start.
    ///
    /// - Throws: `failure` when the agent of this machine does not work or the journal cannot be
    ///   written. A guest that is lost is in the journal and no error.
    public func run(
        _ plan: Plan, seed: UInt64, options: [String], journal writer: JournalWriter
    ) async throws(PlumblineError) -> RunController.Outcome {
        let course = try CellCourse(plan.comparison, cells: plan.suite.cells.count, seed: seed)
        var sitting = sitting(
            plan, seed, plan.suite.cells.map { _ in course }, nextRound: 0, kernels: [:])
        return try await sitting.run(writer) { (hello) throws(PlumblineError) in
            try writer.append(
                RunController.header(
                    .ab, plan.suite, seed: seed, options: options, host: hello,
                    comparison: plan.comparison))
        }
    }

    /// Goes on with a comparison that ended early, in a new round.
    ///
    /// - Throws: as `run`; `usage` on another host kernel.
    public func resume(
        _ journal: StoredJournal, journal writer: JournalWriter
    ) async throws(PlumblineError) -> RunController.Outcome {
        let header = journal.header
        let plan = try Plan(header, in: writer.path)
        let (courses, _) = try CellCourse.courses(of: journal, plan.suite, plan.comparison)
        if courses.allSatisfy(\.isDone) { return RunController.Outcome() }
        let last = (journal.rounds.map(\.round) + journal.voidRounds.map(\.round)).max()
        var sitting = sitting(
            plan, header.seed, courses, nextRound: last.map { $0 + 1 } ?? 0,
            kernels: journal.rounds.reduce(into: [:]) { $0.merge($1.hosts) { first, _ in first } })
        return try await sitting.run(writer) { (hello) throws(PlumblineError) in
            try RunController.resumed(writer, header, on: hello)
        }
    }

    private func sitting(
        _ plan: Plan, _ seed: UInt64, _ courses: [CellCourse], nextRound: Int,
        kernels: [Arm: Hello]
    ) -> PairSitting {
        let bench = PairBench(
            targets, kernels: kernels, isInterrupted: isInterrupted, report: report)
        return PairSitting(
            BlockRunner(
                suite: plan.suite, comparison: plan.comparison, seed: seed, courses: courses,
                bench: bench, report: report),
            of: "\(plan.comparison.arms.a.label) against \(plan.comparison.arms.b.label)",
            schedule: BlockSchedule(plan.suite, seed: seed),
            planned: plan.comparison.rounds ?? plan.comparison.blocks,
            alternates: plan.comparison.rounds == nil, nextRound: nextRound,
            local: AgentDriver(
                local, isInterrupted: isInterrupted, report: { [report] in report(RunProgress($0)) }
            ),
            report: report)
    }
}

extension String {
    fileprivate mutating func dropWords(beginningWith start: String) {
        self = split(separator: " ").filter { !$0.hasPrefix(start) }.joined(separator: " ")
    }
}
