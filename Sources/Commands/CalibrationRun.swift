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

/// `plumbline doctor --calibrate`: compares two equal arms on the cells of smoke.
struct CalibrationRun {
    /// A setting that every workload has, switched between two equal values.
    static let placebo = "set:timing=op,op"
    private static let suite = "smoke"

    let minutes: Double
    let seed: UInt64?
    let output: String?
    let agent: String?
    let format: ReportFormat

    /// Measures, relabels, keeps and prints.
    ///
    /// - Returns: 0, 5 when more differences were found than expected, 130 after an interruption.
    /// - Throws: as a toggle; `failure` when the result cannot be saved.
    func run(on console: Console) async throws -> Int32 {
        let plan = try plan(console)
        if output == nil { try StateDirectory.prepare() }
        let path =
            output ?? "\(StateDirectory.path)/calibration-\(ChildProcess.currentID).jsonl"
        let writer = try JournalWriter.create(at: path)
        defer {
            writer.removeIfEmpty()
            if output == nil { try? SystemFile.unlink(path) }
        }
        try Interrupts.catch()
        let agent = try agent ?? AgentExecutable.find(in: console.environment["PATH"] ?? "")
        let progress = ProgressReporter(console, quiet: false)
        defer { progress.clear() }
        let target = try MachineTarget(
            plan, agent: .init(executable: agent), isInterrupted: Measurement.isInterrupted,
            report: { progress.show($0) })
        var runner = try ExperimentRunner(
            plan, on: target, journal: writer, isInterrupted: Measurement.isInterrupted,
            report: { progress.show($0) })
        let outcome = try await runner.run()
        progress.clear()
        if outcome.interrupted { return 130 }
        let record = try Calibration(StoredJournal(readingFrom: path)).record(seed: plan.seed)
        return try keep(record, console)
    }

    private func keep(_ record: CalibrationRecord, _ console: Console) throws -> Int32 {
        let path = try CalibrationStore(environment: console.environment).save(record)
        try console.show(record, as: format)
        console.diagnostics("calibration: \(path)\n")
        return record.findsTooMuch ? 5 : 0
    }

    /// The cells share the time; each gets at least the blocks of a verdict.
    private func plan(_ console: Console) throws(PlumblineError) -> Plan {
        let suite = try SuiteParser.parse(SuiteSource.find(Self.suite), overrides: Overrides())
            .withShortSlices()
        let time = Int(minutes * 60e9) / max(1, suite.cells.count)
        return try Plan.toggle(
            suite, knobs: Knob.parse([Self.placebo]),
            stopping: StoppingPlan(fixed: time, suite: suite), equivalence: 0.02,
            seed: seed ?? .random(in: 0...UInt64(UInt32.max)), arguments: console.arguments
        ).withShortSlices()
    }
}
