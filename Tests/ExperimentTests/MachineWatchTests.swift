// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import Protocol
import Synchronization
import Testing

@testable import AgentClient
@testable import Experiment

@Suite(.serialized)
struct MachineWatchTests {
    /// Takes the line `splat` for the end of the machine.
    private struct Watch: MachineWatch {
        var lines: [String] = []
        var finding: String? {
            lines.contains("splat") || blamesMachine ? "the machine broke" : nil
        }
        var blamesMachine: Bool { lines.contains("bad start") }
        mutating func take(_ line: String) { lines.append(line) }
        func loss(_ why: String, greeted: Bool) -> PlumblineError {
            .failure("\(why), greeted \(greeted), after \(lines.joined(separator: "; "))")
        }
    }

    private final class Notes: Sendable {
        private let texts = Mutex<[String]>([])
        func add(_ progress: ProgressEvent) {
            if case .note(let text) = progress { texts.withLock { $0.append(text) } }
        }
        var all: [String] { texts.withLock { $0 } }
    }

    private func run(
        answer: String = "result", greeting: String? = nil, restarts: Int = 3,
        notes: Notes = Notes(), cells: [String] = ["a"],
        _ change: (inout AgentConfiguration) -> Void = { _ in }
    ) async throws -> (
        failures: [PlumblineError], thrown: PlumblineError?, slices: [SliceSummary], state: String
    ) {
        let agent = try FakeAgent(answer: answer, greeting: greeting)
        let path = agent.path + ".jsonl"
        defer {
            agent.remove()
            for path in [path, agent.path + ".once"] { try? SystemFile.unlink(path) }
        }
        var configuration = agent.configuration
        configuration.restarts = restarts
        configuration.name = "the guest"
        configuration.stateDirectory = path + ".state"
        configuration.watch = { Watch() }
        change(&configuration)
        let suite = SuiteRecord(
            name: "test", summary: "", slice: 1_000_000, guardTime: 0, warmup: 0, slices: 2,
            pressureThreshold: 100,
            cells: cells.map {
                CellPlan(
                    name: $0, workload: "pipe", settings: [:], pressure: "none",
                    pressureSettings: [:])
            })
        let writer = try JournalWriter.create(at: path)
        defer { writer.removeIfEmpty() }
        let plan = Plan(.run, suite, seed: 1)
        do throws(PlumblineError) {
            let target = try MachineTarget(
                plan, agent: configuration, isInterrupted: { false }, report: { notes.add($0) })
            var runner = try ExperimentRunner(
                plan, on: target, journal: writer, isInterrupted: { false },
                report: { notes.add($0) })
            let outcome = try await runner.run()
            let journal = try StoredJournal(readingFrom: path)
            return (outcome.failures.map(\.error), nil, journal.slices, "done")
        } catch {
            let slices = (try? StoredJournal(readingFrom: path).slices) ?? []
            return ([], error, slices, "thrown")
        }
    }

    @Test func aSplatDuringASliceLosesItThoughItsResultCame() async throws {
        let got = try await run(answer: "echo splat >&2; echo trace >&2; sleep 0.5; result")
        #expect(got.slices.isEmpty)
        #expect(
            got.failures.map(\.message) == [
                "the machine broke, greeted true, after splat; trace"
            ])
    }

    @Test func aSplatAfterTheLastSliceMakesTheRunFail() async throws {
        let got = try await run(answer: "result; [ $number = 1 ] && trap 'echo splat >&2' EXIT")
        #expect(got.slices.count == 2)
        #expect(got.thrown?.message.hasPrefix("the machine broke") == true)
    }

    @Test func aSplatWhileAVisitEndsEndsTheRunAtOnce() async throws {
        let answer = """
            if [ $number = 1 ]; then
              echo() {
                case $1 in *released*) builtin echo splat >&2; exec sleep 3600;; esac
                builtin echo "$@"
              }
            fi
            result
            """
        let got = try await run(answer: answer, cells: ["a", "b"])
        #expect(got.slices.count == 2)
        #expect(got.thrown?.message == "the machine broke, greeted true, after splat")
    }

    /// Once, in the second slice, a guest is lost through no fault of its kernel.
    private static let loss = """
        if [ $number = 1 ] && [ ! -e $0.once ]; then
          touch $0.once; echo bad start >&2; exec sleep 3600
        fi
        result
        """

    @Test func aSliceAtWhichAGuestWasLostIsMeasuredInAnother() async throws {
        let notes = Notes()
        let got = try await run(answer: Self.loss, notes: notes)
        #expect(got.thrown == nil)
        #expect(got.failures.isEmpty)
        #expect(got.slices.map(\.number) == [0, 1])
        let words = "after bad start; the slice is measured again by another agent"
        #expect(notes.all.contains { $0.hasSuffix(words) }, "\(notes.all)")
    }

    @Test func theLossOfTheLastGuestThatMayStartEndsTheRun() async throws {
        let got = try await run(answer: Self.loss, restarts: 0)
        #expect(got.thrown?.message == "the machine broke, greeted true, after bad start")
        #expect(got.slices.map(\.number) == [0])
    }

    @Test(arguments: [
        ("unfit", "the guest: the clock source changed"),
        ("unfit; echo bad start >&2", "the machine broke, greeted true, after bad start"),
    ])
    func aWrongClockOfAGuestThatRunsOnEndsTheRun(fault: String, message: String) async throws {
        let answer = """
            unfit() { echo '{"kind":"unfit","order":'"$order"',"error":{"kind":"failure",\
            "message":"the clock source changed","remedy":""}}'; }
            if [ $number = 1 ]; then \(fault); continue; fi
            result
            """
        let got = try await run(answer: answer, restarts: 0)
        #expect(got.thrown?.message == message)
    }

    @Test func ordinaryLinesAreWatchedAndNotShown() async throws {
        let notes = Notes()
        let got = try await run(answer: "echo fine >&2; result", notes: notes)
        #expect(got.slices.count == 2)
        #expect(notes.all.isEmpty)
    }

    @Test func aMachineThatEndsBeforeItsGreetingIsReportedWithItsLastLines() async throws {
        let got = try await run(greeting: "echo no root >&2; exit 3")
        #expect(
            got.thrown?.message
                == "the guest is gone: it ended with exit code 3, greeted false, after no root")
    }

    @Test func linesAreSignsOfLifeUntilTheGreetingAndNotAfterIt() async throws {
        let hello = String(
            decoding: try LineCodec.encode(AgentMessage.hello(FakeAgent.hello)).dropLast(),
            as: UTF8.self)
        let slow = "for i in 1 2 3 4 5 6; do sleep 0.6; echo $i >&2; done; echo '\(hello)'"
        let booted = try await run(greeting: slow) { $0.startTimeout = .seconds(3) }
        #expect(booted.slices.count == 2)
        let hung = try await run(answer: "while :; do sleep 0.1; echo tick >&2; done") {
            $0.startTimeout = .seconds(300)
            $0.silenceLimit = .seconds(1)
        }
        #expect(hung.failures.first?.message.hasPrefix("the guest gave no sign of life") == true)
    }

    @Test(.timeLimit(.minutes(5)))
    func aConsoleThatChattersForEverDoesNotDelayTheGreetingForEver() async throws {
        let chatter = "while :; do sleep 0.02; echo again >&2; done"
        let got = try await run(greeting: chatter) { $0.startTimeout = .milliseconds(800) }
        #expect(got.slices.isEmpty)
        #expect(
            got.thrown?.message.hasPrefix(
                "the guest gave signs of life, but the agent did not greet within "
                    + "9 s, and it was killed, greeted false, after again") == true)
    }

    @Test func aStartThatMayGoBetterIsMadeAgainAFewTimes() async throws {
        let notes = Notes()
        let got = try await run(greeting: "echo bad start >&2; exit 1", notes: notes)
        #expect(got.thrown?.message.hasPrefix("the machine broke") == true)
        #expect(notes.all.count == 3)
    }

    @Test func anObjectionToTheGreetingEndsTheRun() async throws {
        let got = try await run {
            $0.objection = { hello in .failure("no \(hello.clockSource)") }
        }
        #expect(got.thrown?.message == "no tsc")
    }
}
