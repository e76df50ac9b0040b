// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Linux
import Machine
import Protocol

/// Runs a suite on the kernel of this machine: orders slice after slice and keeps the journal.
public struct RunController: Sendable {
    /// How a run ended.
    public struct Outcome: Sendable, Equatable {
        /// The cells that could not run.
        public var failures: [JournalEvent.CellFailure] = []
        /// Whether a signal ended it.
        public var interrupted = false

        /// Whether everything planned ran.
        public var isComplete: Bool { failures.isEmpty && !interrupted }
    }

    private let configuration: AgentConfiguration
    private let isInterrupted: @Sendable () -> Bool
    private let report: @Sendable (RunProgress) -> Void

    /// A controller.
    ///
    /// - Parameters:
    ///   - isInterrupted: whether a signal came that ends the run.
    ///   - report: takes what happens.
    public init(
        _ configuration: AgentConfiguration, isInterrupted: @escaping @Sendable () -> Bool,
        report: @escaping @Sendable (RunProgress) -> Void
    ) {
        self.configuration = configuration
        self.isInterrupted = isInterrupted
        self.report = report
    }

    /// Measures a suite from its start; the journal's header is written once an agent greeted.
    ///
    /// - Parameter lens: `instructions` has a PMU of this machine count; a guest has its own.
    /// - Throws: `failure` when no agent works, the machine does not count, or the journal cannot be
    ///   written.
    public func run(
        _ suite: SuiteRecord, seed: UInt64, lens: Lens = .wall, options: [String],
        journal writer: JournalWriter
    ) async throws(PlumblineError) -> Outcome {
        let guest = configuration.guest
        let ownLens = guest == nil && lens != .wall ? lens : nil
        var session = session(suite, seed, ownLens, left: Schedule(suite, seed: seed).visits)
        return try await session.run(writer) { (hello) throws(PlumblineError) in
            try writer.append(
                Self.header(
                    .run, suite, seed: seed, options: options, host: hello, guest: guest,
                    ownLens: ownLens))
        }
    }

    /// Goes on with a run that ended early; cells that failed are tried again.
    ///
    /// - Throws: `failure` when no agent works, the kernel is another one, or the journal cannot
    ///   be written.
    public func resume(
        _ journal: StoredJournal, journal writer: JournalWriter
    ) async throws(PlumblineError) -> Outcome {
        let header = journal.header
        let done = Set(
            journal.slices.map { Schedule.Visit(cell: $0.place, number: $0.visit) })
        let left = Schedule(header.suite, seed: header.seed).visits.filter { !done.contains($0) }
        if left.isEmpty { return Outcome() }
        var session = session(header.suite, header.seed, header.ownLens, left: left)
        return try await session.run(writer) { (hello) throws(PlumblineError) in
            try Self.resumed(writer, header, on: hello)
        }
    }

    private func session(
        _ suite: SuiteRecord, _ seed: UInt64, _ lens: Lens?, left: [Schedule.Visit]
    ) -> Session {
        var configuration = configuration
        if lens == .instructions { configuration.objection = InstructionCounting.objection }
        return Session(
            suite: suite, seed: seed, countsInstructions: lens == .instructions, left: left,
            total: suite.cells.count * suite.slices,
            driver: AgentDriver(
                configuration, isInterrupted: isInterrupted,
                report: { [report] in report(RunProgress($0)) }),
            report: report)
    }

    /// Writes that a journal goes on.
    ///
    /// - Throws: `usage` on another kernel than the journal's.
    static func resumed(
        _ writer: JournalWriter, _ header: JournalHeader, on hello: Hello
    ) throws(PlumblineError) {
        guard hello.kernelRelease == header.host.kernelRelease,
            hello.kernelVersion == header.host.kernelVersion,
            hello.buildID == header.host.buildID
        else {
            throw PlumblineError.usage(
                "\(writer.path) was measured on Linux \(header.host.kernelRelease) "
                    + "\(header.host.kernelVersion), and this is \(hello.kernelRelease) "
                    + "\(hello.kernelVersion)",
                remedy: "boot that kernel to go on, or start a new journal")
        }
        try writer.append(.resumed(.init(at: Clock.realtimeNanoseconds(), host: hello)))
    }

    /// The first line of an experiment that begins now.
    static func header(
        _ kind: JournalHeader.Experiment.Kind, _ suite: SuiteRecord, seed: UInt64,
        options: [String], host: Hello, comparison: ComparisonRecord? = nil,
        guest: GuestRecord? = nil, ownLens: Lens? = nil
    ) -> JournalHeader {
        let now = Clock.realtimeNanoseconds()
        return JournalHeader(
            experiment: .init(id: identifier(at: now), kind: kind), suite: suite, seed: seed,
            startedAt: now, host: host, options: options, comparison: comparison, guest: guest,
            ownLens: ownLens)
    }

    private static func identifier(at nanoseconds: UInt64) -> String {
        let random = String(UInt32.random(in: 0 ... .max), radix: 16)
        return "\(Timestamp.compact(nanoseconds))-\(random)"
    }
}
