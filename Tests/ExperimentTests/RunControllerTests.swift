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
struct RunControllerTests {
    /// A run's surroundings: an agent's script, a journal's path, and what was reported.
    private final class Bench: Sendable {
        let agent: FakeAgent
        let path: String
        private let seen = Mutex<[RunProgress]>([])
        private let stop = Mutex(false)
        private let stopAfter: Int

        init(answer: String = "result", greeting: String? = nil, stopAfter: Int = .max) throws {
            agent = try FakeAgent(answer: answer, greeting: greeting)
            path = agent.path + ".jsonl"
            self.stopAfter = stopAfter
        }

        deinit {
            agent.remove()
            try? SystemFile.unlink(path)
        }

        var progress: [RunProgress] { seen.withLock { $0 } }

        var controller: RunController {
            var configuration = AgentConfiguration(executable: agent.path)
            configuration.tick = .milliseconds(20)
            configuration.silenceLimit = .milliseconds(600)
            configuration.shutdownTimeout = .seconds(2)
            configuration.stateDirectory = path + ".state"
            return RunController(configuration) {
                self.stop.withLock { $0 }
            } report: { progress in
                let slices = self.seen.withLock { seen in
                    seen.append(progress)
                    return seen.count { if case .slice = $0 { true } else { false } }
                }
                if slices > self.stopAfter { self.stop.withLock { $0 = true } }
            }
        }

        func run(_ suite: SuiteRecord) async throws -> RunController.Outcome {
            let writer = try JournalWriter.create(at: path)
            defer { writer.removeIfEmpty() }
            return try await controller.run(suite, seed: 1, options: [], journal: writer)
        }

        func resume() async throws -> RunController.Outcome {
            let (writer, found) = try JournalWriter.resume(at: path)
            let journal = try #require(found)
            return try await controller.resume(journal, journal: writer)
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
        let bench = try Bench()
        #expect(try await bench.run(Self.suite()).isComplete)
        let journal = try StoredJournal(readingFrom: bench.path)
        let schedule = Schedule(Self.suite(), seed: 1).visits
        #expect(
            journal.slices.map { "\($0.cell)\($0.visit)" }
                == schedule.map { "\(["a", "b"][$0.cell])\($0.number)" })
        #expect(journal.header.host == FakeAgent.hello)
        #expect(journal.ending?.state == .finished)
    }

    @Test func aCellThatFailsIsLeftOutAndTheOthersGoOn() async throws {
        let bench = try Bench(answer: "if [ $name = a ]; then failed usage; else result; fi")
        let outcome = try await bench.run(Self.suite())
        #expect(outcome.failures.map(\.cell) == ["a"])
        #expect(outcome.failures.first?.error == .usage("no luck", remedy: "try"))
        let journal = try StoredJournal(readingFrom: bench.path)
        #expect(journal.slices.map(\.cell) == ["b", "b", "b"])
        #expect(journal.failures.count == 1)
    }

    @Test func anAgentThatDiesCostsItsCellAndIsReplaced() async throws {
        let bench = try Bench(answer: "if [ $name = a ]; then kill -9 $$; else result; fi")
        let outcome = try await bench.run(Self.suite())
        #expect(outcome.failures.map(\.cell) == ["a"])
        #expect(outcome.failures.first?.error.message.contains("signal 9") == true)
        #expect(try StoredJournal(readingFrom: bench.path).slices.count == 3)
    }

    @Test func whatAKilledAgentLeftIsPutBackBeforeTheNextOneStarts() async throws {
        let bench = try Bench(
            answer: """
                state=${0}.jsonl.state
                if [ $name = a ]; then
                  mkdir -m 700 -p $state/left
                  read -r -a stat < /proc/$$/stat
                  echo '{"number":1,"undo":{"removeDirectory":{"path":"'$state/left'"}}}' \
                    > $state/undo-$$-${stat[21]}.jsonl
                  kill -9 $$
                fi
                result
                """)
        let state = bench.path + ".state"
        defer { try? SystemFile.removeDirectory(state) }
        #expect(try await bench.run(Self.suite()).failures.map(\.cell) == ["a"])
        #expect(SystemFile.exists(state))
        #expect(try SystemFile.list(state).isEmpty)
        let notes = bench.progress.compactMap { if case .note(let text) = $0 { text } else { nil } }
        #expect(notes.contains { $0.hasPrefix("restored after it: remove directory") }, "\(notes)")
    }

    @Test func aBusyAgentWithoutHeartbeatIsKilled() async throws {
        let bench = try Bench(answer: "if [ $name = a ]; then sleep 60; else result; fi")
        let outcome = try await bench.run(Self.suite())
        #expect(outcome.failures.map(\.cell) == ["a"])
        #expect(outcome.failures.first?.error.message.contains("no sign of life") == true)
    }

    @Test func heartbeatsKeepASlowSliceAlive() async throws {
        let beat = "echo '{\"kind\":\"heartbeat\",\"order\":1}'; sleep 0.3; "
        let bench = try Bench(answer: String(repeating: beat, count: 4) + "result")
        #expect(try await bench.run(Self.suite(["a"], slices: 1)).isComplete)
    }

    @Test func garbageBetweenTheLinesIsReportedAndSkipped() async throws {
        let bench = try Bench(
            answer: "echo rubbish; echo '{\"kind\":\"dance\"}'; echo hint >&2; result")
        #expect(try await bench.run(Self.suite(["a"], slices: 1)).isComplete)
        let notes = bench.progress.compactMap { if case .note(let text) = $0 { text } else { nil } }
        #expect(notes.contains { $0.contains("rubbish") })
        #expect(notes.contains { $0.contains("unknown kind of agent message 'dance'") })
        #expect(notes.contains("hint"))
    }

    @Test func anInterruptionKeepsWhatThereIsAndAResumeDoesTheRest() async throws {
        let bench = try Bench(stopAfter: 2)
        let first = try await bench.run(Self.suite(["a", "b"], slices: 4))
        #expect(first.interrupted)
        let before = try StoredJournal(readingFrom: bench.path)
        #expect(before.ending?.state == .interrupted)
        #expect(before.slices.count < 8)
        let again = try Bench()
        try SystemFile.readBytes(bench.path).withUnsafeBytes { bytes in
            try Descriptor.open(again.path, [.write, .create]).writeAll(bytes)
        }
        #expect(try await again.resume().isComplete)
        let after = try StoredJournal(readingFrom: again.path)
        #expect(after.slices.count == 8)
        #expect(Array(after.slices.prefix(before.slices.count)) == before.slices)
        #expect(after.resumptions.count == 1)
        #expect(after.ending?.state == .finished)
    }

    @Test func aBusyAgentIsToldToStopBySIGTERM() async throws {
        let bench = try Bench(
            answer: "trap 'failed interrupted; exit 130' TERM; sleep 5 & wait", stopAfter: 0)
        #expect(try await bench.run(Self.suite()).interrupted)
        #expect(try StoredJournal(readingFrom: bench.path).slices.isEmpty)
    }

    @Test(arguments: [
        ("exit 3", "exit code 3"), ("sleep 60", "no sign of life"),
        (#"echo '{"kind":"hello"}'; exit 0"#, "does not work"),
    ])
    func anAgentThatDoesNotGreetLeavesNoJournal(greeting: String, reason: String) async throws {
        let bench = try Bench(greeting: greeting)
        let error = await #expect(throws: PlumblineError.self) {
            try await bench.run(Self.suite())
        }
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        #expect(!SystemFile.exists(bench.path))
    }

    @Test func anAgentThatIsNotThereIsNamed() async throws {
        let bench = try Bench()
        bench.agent.remove()
        let error = await #expect(throws: PlumblineError.self) {
            try await bench.run(Self.suite())
        }
        #expect(error?.message.contains(bench.agent.path) == true)
    }

    @Test func aResumeOnAnotherKernelIsRefused() async throws {
        let bench = try Bench(stopAfter: 1)
        _ = try await bench.run(Self.suite())
        let hello = String(decoding: try LineCodec.encode(FakeAgent.other), as: UTF8.self)
        let other = try Bench(greeting: "echo '\(hello.dropLast())'")
        try SystemFile.readBytes(bench.path).withUnsafeBytes { bytes in
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
