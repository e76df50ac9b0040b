// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Linux
import Protocol
import Synchronization
import Testing

@testable import Experiment

/// A toggle's surroundings: an agent's script, a directory of undo logs, a file that is a knob, a
/// journal's path, and what was reported.
final class ToggleHarness: Sendable {
    let agent: FakeAgent
    let path: String
    let undoLogs: String
    /// A file that holds `60`.
    let file: String
    private let seen = Mutex<[ProgressEvent]>([])
    private let stopAfter: Int

    init(
        answer: String = "result", greeting: String? = nil, stopAfter: Int = .max
    ) throws {
        agent = try FakeAgent(answer: answer, greeting: greeting)
        path = agent.path + ".jsonl"
        undoLogs = agent.path + ".undoLogs"
        file = agent.path + ".knob"
        self.stopAfter = stopAfter
        try Descriptor.open(file, [.write, .create]).writeAll("60\n")
    }

    deinit {
        agent.remove()
        for path in [path, file] { try? SystemFile.unlink(path) }
        try? SystemFile.removeDirectory(undoLogs)
    }

    var notes: [String] {
        seen.withLock { $0.compactMap { if case .note(let text) = $0 { text } else { nil } } }
    }

    var value: String { ((try? SystemFile.read(file)) ?? "").trimmed }

    var journal: StoredJournal { get throws { try StoredJournal(readingFrom: path) } }

    private func runner(
        _ plan: Plan, _ writer: JournalWriter
    ) throws -> ExperimentRunner<MachineTarget> {
        let configuration = agent.configuration
        let report: @Sendable (ProgressEvent) -> Void = { event in
            self.seen.withLock { $0.append(event) }
        }
        let isInterrupted: @Sendable () -> Bool = {
            let slices = self.seen.withLock { seen in
                seen.count { if case .slice = $0 { true } else { false } }
            }
            return slices > self.stopAfter
        }
        let target = try MachineTarget(
            plan, agent: configuration, undoLogs: undoLogs, isInterrupted: isInterrupted,
            report: report)
        return try ExperimentRunner(
            plan, on: target, journal: writer, isInterrupted: isInterrupted, report: report)
    }

    func run(
        _ knobs: [String], blocks: Int = 6, cells: [String] = ["a", "b"], metric: Metric = .time
    ) async throws -> Outcome {
        let plan = try Plan.toggle(
            Self.suite(cells), knobs: Knob.parse(knobs), stopping: StoppingPlan(blocks: blocks),
            equivalence: 0.02, metric: metric, seed: 1, warmup: 0)
        let writer = try JournalWriter.create(at: path)
        defer { writer.removeIfEmpty() }
        var runner = try runner(plan, writer)
        return try await runner.run()
    }

    /// Goes on with another harness's journal.
    func resume(_ other: ToggleHarness) async throws -> Outcome {
        try SystemFile.readBytes(other.path).withUnsafeBytes { bytes in
            try Descriptor.open(path, [.write, .create]).writeAll(bytes)
        }
        let (writer, found) = try JournalWriter.resume(at: path)
        let journal = try #require(found)
        var runner = try runner(journal.header.plan, writer)
        return try await runner.resume(journal)
    }

    static func suite(_ names: [String], pressures: [String] = ["none"]) -> SuiteRecord {
        SuiteRecord(
            name: "test", summary: "", slice: 1_000_000, guardTime: 0, warmup: 0, slices: 1,
            pressureThreshold: 100,
            cells: names.enumerated().map { index, name in
                CellPlan(
                    name: name, workload: "pipe", settings: [:],
                    pressure: pressures[index % pressures.count], pressureSettings: [:])
            })
    }
}
