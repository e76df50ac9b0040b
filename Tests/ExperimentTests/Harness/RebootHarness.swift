// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import Protocol
import Remotes
import Synchronization

@testable import Experiment

/// A scripted machine that reboots between the kernels `old` and `new`, and a journal's path.
final class RebootHarness: Sendable {
    let machine: ScriptedMachine
    let path = "/tmp/plumbline-reboot-\(UInt64.random(in: 0 ... .max)).jsonl"
    private let names: (a: String, b: String)
    private let stopAfter: Int
    private let slices = Mutex(0)

    init(_ machine: ScriptedMachine, a: String = "old", b: String = "new", stopAfter: Int = .max) {
        self.machine = machine
        names = (a, b)
        self.stopAfter = stopAfter
    }

    deinit { try? SystemFile.unlink(path) }

    var journal: StoredJournal { get throws { try StoredJournal(readingFrom: path) } }

    private func runner(
        _ plan: Plan, _ writer: JournalWriter, _ rounds: [RoundRecord]
    ) throws -> ExperimentRunner<RebootTarget> {
        let file = try ScriptedMachine.file()
        let isInterrupted: @Sendable () -> Bool = { self.slices.withLock { $0 } > self.stopAfter }
        let report: @Sendable (ProgressEvent) -> Void = { event in
            if case .slice = event { self.slices.withLock { $0 += 1 } }
        }
        let target = RebootTarget(
            plan, on: machine.machine(file), a: try file.kernel(named: names.a),
            b: try file.kernel(named: names.b), rounds: rounds, isInterrupted: isInterrupted,
            report: report)
        return try ExperimentRunner(
            plan, on: target, journal: writer, isInterrupted: isInterrupted, report: report)
    }

    func run(cells: [String] = ["a", "b"]) async throws -> Outcome {
        func arm(_ name: String) -> GuestMachine {
            .init(label: name, place: "box", agent: .init(executable: ""))
        }
        let plan = Plan.ab(
            ToggleHarness.suite(cells), a: arm(names.a), b: arm(names.b),
            stopping: try StoppingPlan(blocks: 6), equivalence: 0.02, rounds: nil, seed: 1)
        let writer = try JournalWriter.create(at: path)
        defer { writer.removeIfEmpty() }
        var runner = try runner(plan, writer, [])
        return try await runner.run()
    }

    /// Goes on with another harness's journal.
    func resume(_ other: RebootHarness) async throws -> Outcome {
        let (writer, journal) = try JournalWriter.resume(copyOf: other.path, at: path)
        var runner = try runner(journal.header.plan, writer, journal.rounds)
        return try await runner.resume(journal)
    }
}

extension JournalWriter {
    /// Copies a journal, and opens the copy to go on with it.
    static func resume(
        copyOf other: String, at path: String
    ) throws -> (writer: JournalWriter, journal: StoredJournal) {
        try SystemFile.readBytes(other).withUnsafeBytes { bytes in
            try Descriptor.open(path, [.write, .create]).writeAll(bytes)
        }
        let (writer, journal) = try JournalWriter.resume(at: path)
        guard let journal else { throw PlumblineError.failure("\(path): no journal") }
        return (writer, journal)
    }
}
