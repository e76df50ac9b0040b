// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Experiment
import Journal
import Linux
import Machine
import Protocol

/// What `run`, `toggle` and `ab` share: they open a journal, begin or resume a plan, and show the
/// progress.
struct Measurement {
    let writer: JournalWriter
    /// What the journal holds already; nil for a new one.
    let stored: StoredJournal?
    private let common: CommonOptions
    private let progress: ProgressReporter

    /// Opens the journal that the options name, or makes a new one.
    ///
    /// - Throws: `usage` for a journal that exists, or with `--resume` for one that does not;
    ///   `failure` for one that is damaged or in use.
    init(_ common: CommonOptions, suite: String, _ console: Console) throws(PlumblineError) {
        self.common = common
        if common.resume {
            (writer, stored) = try JournalWriter.resume(at: common.journalToResume())
            if stored == nil {
                console.diagnostics(
                    "plumbline: \(writer.path) is empty: starting from the beginning\n")
            }
        } else {
            (writer, stored) = (try common.newJournal(of: suite), nil)
        }
        for warning in stored?.warnings ?? [] {
            console.diagnostics("plumbline: \(warning.printable)\n")
        }
        progress = ProgressReporter(console, quiet: common.quiet)
        if common.verbose { VerboseLog.send { console.say($0.printable) } }
    }

    /// Shows what happens.
    var report: @Sendable (ProgressEvent) -> Void {
        let progress = progress
        return { progress.show($0) }
    }

    /// Whether a signal came.
    static let isInterrupted: @Sendable () -> Bool = { Interrupts.pending != nil }

    /// The plan to measure: the journal's own where there is one.
    ///
    /// - Parameters:
    ///   - plan: what the command line says.
    ///   - isComplete: whether the command line says all of it; else only the kind of experiment,
    ///     the suite, and whether it runs in a guest must agree with the journal.
    /// - Throws: `usage` when the journal is of another plan.
    func settle(_ plan: Plan, isComplete: Bool) throws(PlumblineError) -> Plan {
        guard let before = stored?.header.plan else { return plan }
        try common.checkCommands(of: before.suite, in: writer.path)
        // Knobs on the command line are the user's own.
        if !isComplete {
            try common.checkCommands(of: before.comparison?.knobs ?? [], in: writer.path)
        }
        guard before.host == plan.host else {
            let here = "this machine"
            throw .usage(
                "\(writer.path) was measured on \(before.host ?? here), and not on "
                    + "\(plan.host ?? here)",
                remedy: "continue with the command that started it: "
                    + "plumbline \(before.arguments.joined(separator: " ").printable)")
        }
        guard before.kind == plan.kind, before.suite.name == plan.suite.name,
            (before.guest == nil) == (plan.guest == nil),
            !isComplete || plan.continues(before),
            common.seed == nil || common.seed == before.seed
        else {
            throw .usage(
                "\(writer.path) holds another experiment, which was started with "
                    + "'plumbline \(before.arguments.joined(separator: " ").printable)'",
                remedy: "use the options of that command, or another --output")
        }
        var settled = before
        // A journal that has no mechanism gets it.
        settled.comparison?.evidence = plan.comparison?.evidence
        return settled
    }

    /// Measures until the plan is done or a signal comes.
    ///
    /// - Throws: as the runner.
    func run<T: Target>(_ plan: Plan, on target: T) async throws -> Outcome {
        try await run(plan, on: target, after: stored)
    }

    /// Measures as `run(_:on:)` does, from where a journal ends.
    func run<T: Target>(
        _ plan: Plan, on target: T, after stored: StoredJournal?
    ) async throws -> Outcome {
        defer { progress.clear() }
        var runner = try ExperimentRunner(
            plan, on: target, journal: writer, isInterrupted: Self.isInterrupted, report: report)
        if let stored { return try await runner.resume(stored) }
        return try await runner.run()
    }

    /// Prints the path of the journal.
    func printJournal(_ console: Console) {
        if !common.quiet { console.diagnostics("journal: \(writer.path)\n") }
    }
}
