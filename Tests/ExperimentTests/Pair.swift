// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import Synchronization

@testable import AgentClient
@testable import Experiment

/// Two agents' scripts that stand for two machines, a journal's path, and what was reported.
final class Pair: Sendable {
    let local: FakeAgent
    let a: FakeAgent
    let b: FakeAgent
    let path: String
    private let seen = Mutex<[RunProgress]>([])
    private let stopAfter: Int
    private let watch: (@Sendable () -> any MachineWatch)?

    init(
        a: String = "result", b: String = "result", bGreeting: String? = nil,
        stopAfter: Int = .max, watch: (@Sendable () -> any MachineWatch)? = nil
    ) throws {
        local = try FakeAgent()
        self.a = try FakeAgent(answer: a)
        self.b = try FakeAgent(answer: b, greeting: bGreeting)
        path = local.path + ".jsonl"
        self.stopAfter = stopAfter
        self.watch = watch
    }

    deinit {
        for agent in [local, a, b] { agent.remove() }
        try? SystemFile.unlink(path)
    }

    var progress: [RunProgress] { seen.withLock { $0 } }
    var journal: StoredJournal { get throws { try StoredJournal(readingFrom: path) } }

    private static func configuration(_ agent: FakeAgent) -> AgentConfiguration {
        var configuration = AgentConfiguration(executable: agent.path)
        configuration.tick = .milliseconds(20)
        configuration.silenceLimit = .milliseconds(600)
        configuration.shutdownTimeout = .seconds(2)
        configuration.restarts = 0
        return configuration
    }

    private var controller: PairController {
        var (a, b) = (Self.configuration(a), Self.configuration(b))
        (a.watch, b.watch) = (watch, watch)
        return PairController(
            local: Self.configuration(local),
            a: ArmTarget(label: "old", place: "a script", configuration: a),
            b: ArmTarget(label: "new", place: "a script", configuration: b)
        ) {
            let slices = self.seen.withLock { seen in
                seen.count { if case .slice = $0 { true } else { false } }
            }
            return slices > self.stopAfter
        } report: { progress in
            self.seen.withLock { $0.append(progress) }
        }
    }

    func run(
        blocks: Int = 6, rounds: Int? = 3, cells: [String] = ["a", "b"]
    ) async throws -> RunController.Outcome {
        let target = ArmTarget(
            label: "x", place: "a script", configuration: Self.configuration(a))
        let plan = PairController.Plan(
            suite: ToggleBench.suite(cells), a: target, b: target,
            stopping: try StoppingPlan(blocks: blocks), equivalence: 0.02, rounds: rounds)
        let writer = try JournalWriter.create(at: path)
        defer { writer.removeIfEmpty() }
        return try await controller.run(plan, seed: 1, options: [], journal: writer)
    }

    /// Goes on with another pair's journal.
    func resume(_ other: Pair) async throws -> RunController.Outcome {
        try SystemFile.readBytes(other.path).withUnsafeBytes { bytes in
            try Descriptor.open(path, [.write, .create]).writeAll(bytes)
        }
        let (writer, journal) = try JournalWriter.resume(at: path)
        guard let journal else { throw PlumblineError.failure("no journal") }
        return try await controller.resume(journal, journal: writer)
    }
}
