// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import Protocol
import Remotes
import Synchronization

@testable import Experiment

/// Two scripted machines, box1 and box2, that swap the kernels `old` and `new`, and a journal's path.
final class CrossoverHarness: Sendable {
    let machines: [ScriptedMachine]
    let path = "/tmp/plumbline-crossover-\(UInt64.random(in: 0 ... .max)).jsonl"
    private let stopAfter: Int
    private let slices = Mutex(0)
    private let reported = Mutex<[String]>([])

    init(
        _ first: ScriptedMachine = ScriptedMachine(),
        _ second: ScriptedMachine = ScriptedMachine(), stopAfter: Int = .max
    ) {
        machines = [first, second]
        self.stopAfter = stopAfter
    }

    deinit { try? SystemFile.unlink(path) }

    var journal: StoredJournal { get throws { try StoredJournal(readingFrom: path) } }
    var notes: [String] { reported.withLock { $0 } }

    private func runner(
        _ plan: Plan, _ writer: JournalWriter, _ rounds: [RoundRecord]
    ) throws -> ExperimentRunner<CrossoverTarget> {
        let isInterrupted: @Sendable () -> Bool = { self.slices.withLock { $0 } > self.stopAfter }
        let report: @Sendable (ProgressEvent) -> Void = { event in
            if case .slice = event { self.slices.withLock { $0 += 1 } }
            if case .note(let text) = event { self.reported.withLock { $0.append(text) } }
        }
        let targets = try zip(machines, ["box1", "box2"]).map { machine, host in
            let file = try ScriptedMachine.file(host: host)
            return RebootTarget(
                plan, on: machine.machine(file, isInterrupted: isInterrupted),
                a: try file.kernel(named: "old"), b: try file.kernel(named: "new"),
                rounds: rounds, isInterrupted: isInterrupted, report: report)
        }
        let target = CrossoverTarget(
            targets[0], targets[1], addresses: ["box1", "box2"], rounds: rounds)
        return try ExperimentRunner(
            plan, on: target, journal: writer, isInterrupted: isInterrupted, report: report)
    }

    func run(
        blocks: Int = 20, rounds: Int = 5, cells: [String] = ["a", "b"]
    ) async throws -> Outcome {
        func arm(_ name: String) -> GuestMachine {
            .init(label: name, place: "box1; box2", agent: .init(executable: ""))
        }
        var plan = Plan.ab(
            ToggleHarness.suite(cells), a: arm("old"), b: arm("new"),
            stopping: try StoppingPlan(blocks: blocks, rounds: rounds).judgedOnce(),
            equivalence: 0.02, rounds: rounds, seed: 1)
        plan.swapKernels(between: ["box1", "box2"])
        let writer = try JournalWriter.create(at: path)
        defer { writer.removeIfEmpty() }
        var runner = try runner(plan, writer, [])
        return try await runner.run()
    }

    /// Goes on with another harness's journal.
    func resume(_ other: CrossoverHarness) async throws -> Outcome {
        let (writer, journal) = try JournalWriter.resume(copyOf: other.path, at: path)
        var runner = try runner(journal.header.plan, writer, journal.rounds)
        return try await runner.resume(journal)
    }
}
