// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import Synchronization

@testable import AgentClient
@testable import Experiment

/// Two agents' scripts that stand for two machines, a journal's path, and what was reported.
final class PairHarness: Sendable {
    let local: FakeAgent
    let a: FakeAgent
    let b: FakeAgent
    let path: String
    private let seen = Mutex<[ProgressEvent]>([])
    private let stopAfter: Int
    private let silence: Duration
    private let watch: (@Sendable () -> any MachineWatch)?
    /// The padding of each layout of both kernels; nil for one layout.
    private let relinks: [Int]?
    /// The machines' address where ssh reaches them.
    private let host: String?
    /// B's, where it is another one.
    private let bHost: String?
    /// Rounds of each comparison of a machine with itself.
    private let placeboUnits: Int?

    init(
        a: String = "result", b: String = "result", aGreeting: String? = nil,
        bGreeting: String? = nil,
        stopAfter: Int = .max, silence: Duration = .seconds(300),
        watch: (@Sendable () -> any MachineWatch)? = nil, relinks: [Int]? = nil,
        host: String? = nil, localGreeting: String? = nil, bHost: String? = nil,
        placeboUnits: Int? = nil
    ) throws {
        self.relinks = relinks
        self.host = host
        self.bHost = bHost ?? host
        self.placeboUnits = placeboUnits
        self.silence = silence
        local = try FakeAgent(greeting: localGreeting)
        self.a = try FakeAgent(answer: a, greeting: aGreeting)
        self.b = try FakeAgent(answer: b, greeting: bGreeting)
        path = local.path + ".jsonl"
        self.stopAfter = stopAfter
        self.watch = watch
    }

    deinit {
        for agent in [local, a, b] { agent.remove() }
        try? SystemFile.unlink(path)
    }

    var progress: [ProgressEvent] { seen.withLock { $0 } }
    var journal: StoredJournal { get throws { try StoredJournal(readingFrom: path) } }

    private func configuration(_ agent: FakeAgent) -> AgentConfiguration {
        var configuration = agent.configuration
        configuration.startTimeout = configuration.silenceLimit
        configuration.silenceLimit = silence
        configuration.restarts = 0
        return configuration
    }

    private func runner(
        _ plan: Plan, _ writer: JournalWriter
    ) throws -> ExperimentRunner<GuestPairTarget> {
        let report: @Sendable (ProgressEvent) -> Void = { event in
            self.seen.withLock { $0.append(event) }
        }
        let isInterrupted: @Sendable () -> Bool = {
            let slices = self.seen.withLock { seen in
                seen.count { if case .slice = $0 { true } else { false } }
            }
            return slices > self.stopAfter
        }
        let target = GuestPairTarget(
            a: machine("old", a), b: machine("new", b), host: configuration(local),
            alternates: plan.alternates, schedule: Schedule(plan), isInterrupted: isInterrupted,
            report: report)
        return try ExperimentRunner(
            plan, on: target, journal: writer, isInterrupted: isInterrupted, report: report)
    }

    private func machine(_ label: String, _ agent: FakeAgent) -> GuestMachine {
        var configuration = configuration(agent)
        configuration.watch = watch
        var machine = GuestMachine(
            label: label, place: "a script", host: label == "old" ? host : bHost,
            agent: configuration)
        for layout in 0..<(relinks?.count ?? 1) - 1 {
            // Each layout is a build of its own.
            var relinked = configuration
            relinked.executable = "/bin/bash"
            relinked.arguments = ["-c", "\(agent.path) | sed -u s/ab12/cd\(layout)/"]
            machine.relinked.append(relinked)
        }
        return machine
    }

    func run(
        blocks: Int = 6, rounds: Int? = 3, cells: [String] = ["a", "b"]
    ) async throws -> Outcome {
        var plan = Plan.ab(
            ToggleHarness.suite(cells), a: machine("old", a), b: machine("new", b),
            stopping: try StoppingPlan(blocks: blocks, rounds: rounds), equivalence: 0.02,
            rounds: rounds, relinks: relinks, seed: 1)
        plan.comparison?.placeboUnits = placeboUnits
        let writer = try JournalWriter.create(at: path)
        defer { writer.removeIfEmpty() }
        var runner = try runner(plan, writer)
        return try await runner.run()
    }

    /// Goes on with another pair's journal.
    func resume(_ other: PairHarness) async throws -> Outcome {
        try SystemFile.readBytes(other.path).withUnsafeBytes { bytes in
            try Descriptor.open(path, [.write, .create]).writeAll(bytes)
        }
        let (writer, journal) = try JournalWriter.resume(at: path)
        guard let journal else { throw PlumblineError.failure("no journal") }
        var runner = try runner(journal.header.plan, writer)
        return try await runner.resume(journal)
    }
}
