// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Linux
import Protocol
import Synchronization
import Testing

@testable import Experiment

@Suite(.serialized)
struct RunTests {
    /// A run's surroundings: an agent's script, a journal's path, and what was reported.
    private final class Harness: Sendable {
        let agent: FakeAgent
        let path: String
        private let seen = Mutex<[ProgressEvent]>([])
        private let stop = Mutex(false)
        private let stopAfter: Int
        private let silence: Duration
        private let startTimeout: Duration

        init(
            answer: String = "result", greeting: String? = nil, stopAfter: Int = .max,
            silence: Duration = .seconds(300), startTimeout: Duration = .seconds(300)
        ) throws {
            self.silence = silence
            self.startTimeout = startTimeout
            agent = try FakeAgent(answer: answer, greeting: greeting)
            path = agent.path + ".jsonl"
            self.stopAfter = stopAfter
        }

        deinit {
            agent.remove()
            try? SystemFile.unlink(path)
        }

        var progress: [ProgressEvent] { seen.withLock { $0 } }

        private func runner(
            _ plan: Plan, _ writer: JournalWriter
        ) throws -> ExperimentRunner<MachineTarget> {
            var configuration = agent.configuration
            configuration.startTimeout = startTimeout
            configuration.silenceLimit = silence
            configuration.stateDirectory = path + ".state"
            let report: @Sendable (ProgressEvent) -> Void = { event in
                let slices = self.seen.withLock { seen in
                    seen.append(event)
                    return seen.count { if case .slice = $0 { true } else { false } }
                }
                if slices > self.stopAfter { self.stop.withLock { $0 = true } }
            }
            let isInterrupted: @Sendable () -> Bool = { self.stop.withLock { $0 } }
            let target = try MachineTarget(
                plan, agent: configuration, isInterrupted: isInterrupted, report: report)
            return try ExperimentRunner(
                plan, on: target, journal: writer, isInterrupted: isInterrupted, report: report)
        }

        func run(_ suite: SuiteRecord) async throws -> Outcome {
            let writer = try JournalWriter.create(at: path)
            defer { writer.removeIfEmpty() }
            var runner = try runner(Plan(.run, suite, seed: 1), writer)
            return try await runner.run()
        }

        func resume() async throws -> Outcome {
            let (writer, found) = try JournalWriter.resume(at: path)
            let journal = try #require(found)
            var runner = try runner(journal.header.plan, writer)
            return try await runner.resume(journal)
        }
    }

    private static func suite(_ names: [String] = ["a", "b"], slices: Int = 3) -> SuiteRecord {
        SuiteRecord(
            name: "test", summary: "", slice: 1_000_000, guardTime: 0, warmup: 0, slices: slices,
            pressureThreshold: 100,
            cells: names.map {
                CellPlan(
                    name: $0, workload: "pipe", settings: [:], pressure: "none",
                    pressureSettings: [:])
            })
    }

    @Test func everySliceOfTheScheduleEndsInTheJournal() async throws {
        let harness = try Harness()
        #expect(try await harness.run(Self.suite()).isComplete)
        let journal = try StoredJournal(readingFrom: harness.path)
        let schedule = Schedule(journal.header.plan)
        // All slices of a cell fit into one visit.
        let visits = schedule.visits(pass: 0, blocks: [0: 0..<3, 1: 0..<3])
        #expect(
            journal.slices.map { "\($0.cell)\($0.number)" }
                == visits.flatMap(\.steps).map { "\(["a", "b"][$0.cell])\($0.block)" })
        #expect(journal.header.host == FakeAgent.hello)
        #expect(journal.ending?.state == .finished)
    }

    @Test func aCellThatFailsIsLeftOutAndTheOthersGoOn() async throws {
        let harness = try Harness(answer: "if [ $name = a ]; then failed usage; else result; fi")
        let outcome = try await harness.run(Self.suite())
        #expect(outcome.failures.map(\.cell) == ["a"])
        #expect(outcome.failures.first?.error == .usage("no luck", remedy: "try"))
        let journal = try StoredJournal(readingFrom: harness.path)
        #expect(journal.slices.map(\.cell) == ["b", "b", "b"])
        #expect(journal.failures.count == 1)
    }

    @Test func anAgentThatDiesCostsItsCellAndIsReplaced() async throws {
        let harness = try Harness(answer: "if [ $name = a ]; then kill -9 $$; else result; fi")
        let outcome = try await harness.run(Self.suite())
        #expect(outcome.failures.map(\.cell) == ["a"])
        #expect(outcome.failures.first?.error.message.contains("signal 9") == true)
        #expect(try StoredJournal(readingFrom: harness.path).slices.count == 3)
    }

    @Test func aSliceAtWhichAnAgentDiedIsMeasuredByAnother() async throws {
        let harness = try Harness(
            answer: """
                if [ $number = 1 ] && [ ! -e $0.died ]; then echo >$0.died; kill -9 $$; fi
                result
                """)
        defer { try? SystemFile.unlink(harness.agent.path + ".died") }
        #expect(try await harness.run(Self.suite()).isComplete)
        let journal = try StoredJournal(readingFrom: harness.path)
        for cell in ["a", "b"] {
            #expect(journal.slices.filter { $0.cell == cell }.map(\.number) == [0, 1, 2])
        }
        let notes = harness.progress.compactMap {
            if case .note(let text) = $0 { text } else { nil }
        }
        #expect(notes.contains { $0.contains("signal 9; the slice is measured again") }, "\(notes)")
    }

    @Test func agentsThatAllDieEndTheRun() async throws {
        let harness = try Harness(answer: "kill -9 $$")
        let error = await #expect(throws: PlumblineError.self) {
            try await harness.run(Self.suite())
        }
        #expect(error?.message == "the agent ended 4 times before its slice was done")
        let journal = try StoredJournal(readingFrom: harness.path)
        #expect(journal.ending?.state == .failed)
    }

    @Test func anAgentThatDiesAtItsEndIsReported() async throws {
        let harness = try Harness(answer: "result; [ $number = 2 ] && kill -9 $$")
        #expect(try await harness.run(Self.suite(["a"])).isComplete)
        let notes = harness.progress.compactMap {
            if case .note(let text) = $0 { text } else { nil }
        }
        #expect(notes.contains { $0.contains("killed by signal 9") }, "\(notes)")
    }

    @Test func whatAKilledAgentLeftIsPutBackBeforeTheNextOneStarts() async throws {
        let harness = try Harness(
            answer: """
                state=${0}.jsonl.state
                if [ $name = a ]; then
                  mkdir -m 700 -p $state/left
                  read -r -a stat < /proc/$$/stat
                  undo='{"removeDirectory":{"path":"'$state/left'"}}'
                  echo '{"change":{"number":1,"undo":'"$undo"'}}' \
                    > $state/undo-$$-${stat[21]}.jsonl
                  kill -9 $$
                fi
                result
                """)
        let state = harness.path + ".state"
        defer { try? SystemFile.removeDirectory(state) }
        #expect(try await harness.run(Self.suite()).failures.map(\.cell) == ["a"])
        #expect(SystemFile.exists(state))
        #expect(try SystemFile.list(state).isEmpty)
        let notes = harness.progress.compactMap {
            if case .note(let text) = $0 { text } else { nil }
        }
        #expect(notes.contains { $0.hasPrefix("restored after it: remove directory") }, "\(notes)")
    }

    @Test func aBusyAgentWithoutHeartbeatIsKilled() async throws {
        let harness = try Harness(
            answer: "if [ $name = a ]; then exec sleep 3600; else result; fi", silence: .seconds(2))
        let outcome = try await harness.run(Self.suite())
        #expect(outcome.failures.map(\.cell) == ["a"])
        #expect(outcome.failures.first?.error.message.contains("no sign of life") == true)
    }

    @Test func heartbeatsKeepASlowSliceAlive() async throws {
        let beat = "echo '{\"kind\":\"heartbeat\",\"order\":1}'; sleep 0.6; "
        let harness = try Harness(
            answer: String(repeating: beat, count: 6) + "result", silence: .seconds(3))
        #expect(try await harness.run(Self.suite(["a"], slices: 1)).isComplete)
    }

    @Test func garbageBetweenTheLinesIsReportedAndSkipped() async throws {
        let harness = try Harness(
            answer: "echo rubbish; echo '{\"kind\":\"dance\"}'; echo hint >&2; result")
        #expect(try await harness.run(Self.suite(["a"], slices: 1)).isComplete)
        let notes = harness.progress.compactMap {
            if case .note(let text) = $0 { text } else { nil }
        }
        #expect(notes.contains { $0.contains("rubbish") })
        #expect(notes.contains { $0.contains("unknown kind of agent message 'dance'") })
        #expect(notes.contains("hint"))
    }

    @Test func anInterruptionKeepsWhatThereIsAndAResumeDoesTheRest() async throws {
        let harness = try Harness(stopAfter: 2)
        let first = try await harness.run(Self.suite(["a", "b"], slices: 4))
        #expect(first.interrupted)
        let before = try StoredJournal(readingFrom: harness.path)
        #expect(before.ending?.state == .interrupted)
        #expect(before.slices.count < 8)
        let again = try Harness()
        try SystemFile.readBytes(harness.path).withUnsafeBytes { bytes in
            try Descriptor.open(again.path, [.write, .create]).writeAll(bytes)
        }
        #expect(try await again.resume().isComplete)
        let after = try StoredJournal(readingFrom: again.path)
        #expect(after.slices.count == 8)
        #expect(Array(after.slices.prefix(before.slices.count)) == before.slices)
        #expect(after.resumptions.count == 1)
        #expect(after.ending?.state == .finished)
    }

    @Test func aBusyAgentIsStoppedBySIGTERM() async throws {
        let harness = try Harness(
            answer: "trap 'failed interrupted; exit 130' TERM; sleep 3600 & wait", stopAfter: 0)
        #expect(try await harness.run(Self.suite()).interrupted)
        #expect(try StoredJournal(readingFrom: harness.path).slices.isEmpty)
    }

    @Test(arguments: [
        ("exit 3", "exit code 3"), ("exec sleep 3600", "no sign of life"),
        (#"echo '{"kind":"hello"}'; exit 0"#, "does not work"),
    ])
    func anAgentThatDoesNotGreetLeavesNoJournal(greeting: String, reason: String) async throws {
        let isSilent = reason == "no sign of life"
        let harness = try Harness(
            greeting: greeting, startTimeout: isSilent ? .seconds(1) : .seconds(300))
        let error = await #expect(throws: PlumblineError.self) {
            try await harness.run(Self.suite())
        }
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        #expect(!SystemFile.exists(harness.path))
    }

    @Test func anAgentThatIsNotThereIsNamed() async throws {
        let harness = try Harness()
        harness.agent.remove()
        let error = await #expect(throws: PlumblineError.self) {
            try await harness.run(Self.suite())
        }
        #expect(error?.message.contains(harness.agent.path) == true)
    }

    @Test func aResumeOnAnotherKernelIsRefused() async throws {
        let harness = try Harness(stopAfter: 1)
        _ = try await harness.run(Self.suite())
        let hello = String(decoding: try LineCodec.encode(FakeAgent.other), as: UTF8.self)
        let other = try Harness(greeting: "echo '\(hello.dropLast())'")
        try SystemFile.readBytes(harness.path).withUnsafeBytes { bytes in
            try Descriptor.open(other.path, [.write, .create]).writeAll(bytes)
        }
        let error = await #expect(throws: PlumblineError.self) { try await other.resume() }
        #expect(error?.message.contains("6.2.0") == true)
    }
}

extension FakeAgent {
    fileprivate static var other: AgentMessage {
        var other = hello
        other.kernelRelease = "6.2.0"
        return .hello(other)
    }
}
