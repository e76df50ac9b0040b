// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Linux
import Protocol
import Synchronization
import Testing

@testable import Experiment

/// An agent's script that stands for one guest with a knob, a journal's path, and what was
/// reported. Each boot and each turn is a note: `boot`, then the values of the turns.
final class GuestToggleHarness: Sendable {
    let agent: FakeAgent
    let path: String
    private let seen = Mutex<[ProgressEvent]>([])
    private let stopAfter: Int

    init(
        answer: String = "result", turn: String = "turned", stopAfter: Int = .max
    ) throws {
        // The value of the one knob of an order.
        let value = #"[[ $line =~ \"value\":\"([^\"]*)\" ]] && echo "${BASH_REMATCH[1]}" >&2"#
        let own = try LineCodec.encode(AgentMessage.hello(FakeAgent.hello)).dropLast()
        let hello = String(decoding: own, as: UTF8.self)
        agent = try FakeAgent(
            answer: answer, greeting: "echo boot >&2; echo '\(hello)'", turn: "\(value); \(turn)")
        path = agent.path + ".jsonl"
        self.stopAfter = stopAfter
    }

    deinit {
        agent.remove()
        for path in [path, agent.path + ".once"] { try? SystemFile.unlink(path) }
    }

    /// Bash: whether this is the first time that it is asked.
    static let once = "! -e $0.once ]] && touch $0.once && [[ 1"

    /// The turns of each boot, in order.
    var turns: [[String]] {
        let notes = seen.withLock { seen in
            seen.compactMap { if case .note(let text) = $0 { text } else { nil } }
        }
        return notes.split(separator: "boot", omittingEmptySubsequences: true).map { Array($0) }
    }

    var journal: StoredJournal { get throws { try StoredJournal(readingFrom: path) } }

    private func runner(
        _ plan: Plan, _ writer: JournalWriter
    ) throws -> ExperimentRunner<GuestToggleTarget> {
        var configuration = agent.configuration
        configuration.name = "the guest"
        let report: @Sendable (ProgressEvent) -> Void = { event in
            self.seen.withLock { $0.append(event) }
        }
        let isInterrupted: @Sendable () -> Bool = {
            let slices = self.seen.withLock { seen in
                seen.count { if case .slice = $0 { true } else { false } }
            }
            return slices > self.stopAfter
        }
        let machine = GuestMachine(label: "new", place: "a script", agent: configuration)
        let target = GuestToggleTarget(
            plan, on: machine, isInterrupted: isInterrupted, report: report)
        return try ExperimentRunner(
            plan, on: target, journal: writer, isInterrupted: isInterrupted, report: report)
    }

    func run(
        _ knobs: [String] = ["module:pipe.prealloc=N,Y"], blocks: Int = 10, rounds: Int = 5,
        cells: [String] = ["a", "b"]
    ) async throws -> Outcome {
        let plan = try Plan.toggle(
            ToggleHarness.suite(cells), knobs: Knob.parse(knobs),
            stopping: StoppingPlan(blocks: blocks, rounds: rounds), equivalence: 0.02,
            rounds: rounds, seed: 1)
        let writer = try JournalWriter.create(at: path)
        defer { writer.removeIfEmpty() }
        var runner = try runner(plan, writer)
        return try await runner.run()
    }

    /// Goes on with another harness's journal.
    func resume(_ other: GuestToggleHarness) async throws -> Outcome {
        try SystemFile.readBytes(other.path).withUnsafeBytes { bytes in
            try Descriptor.open(path, [.write, .create]).writeAll(bytes)
        }
        let (writer, found) = try JournalWriter.resume(at: path)
        let journal = try #require(found)
        var runner = try runner(journal.header.plan, writer)
        return try await runner.resume(journal)
    }
}
