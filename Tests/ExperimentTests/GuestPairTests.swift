// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import Protocol
import Testing
import Verdicts

@testable import AgentClient
@testable import Experiment

@Suite(.serialized)
struct GuestPairTests {
    @Test func blocksAreSpreadOverRoundsOfBootsAndSlicesAlternateBetweenBothKernels() async throws {
        let pair = try PairHarness()
        #expect(try await pair.run().isComplete)
        let journal = try pair.journal
        #expect(journal.header.plan.kind == .ab)
        #expect(journal.header.plan.comparison?.rounds == 3)
        #expect(journal.rounds.map(\.round) == [0, 1, 2])
        for cell in ["a", "b"] {
            let blocks = journal.blocks(of: cell)
            #expect(blocks.map(\.state.isCounted) == Array(repeating: true, count: 6))
            #expect(blocks.map(\.round) == [0, 0, 1, 1, 2, 2])
            #expect(Set(blocks.flatMap { $0.slices.map(\.arm) }) == [.a, .b])
        }
        #expect(journal.ending?.state == .finished)
    }

    @Test func aMachineComparedWithItselfIsOneBootOfOneMachine() async throws {
        func pair(_ boot: String?) throws -> PairHarness {
            var hello = FakeAgent.hello
            hello.bootID = "one"
            let a = try FakeAgent.greeting(of: hello)
            hello.bootID = boot
            return try PairHarness(
                aGreeting: a, bGreeting: FakeAgent.greeting(of: hello), host: "here",
                bHost: "there", placeboUnits: 3)
        }
        #expect(try await pair("one").run().isComplete)
        let others: [(boot: String?, words: String)] = [
            ("two", "differ"), (nil, "are not known"),
        ]
        for (other, words) in others {
            let error = await #expect(throws: PlumblineError.self) {
                _ = try await pair(other).run()
            }
            #expect(error?.kind == .usage)
            #expect(
                error?.message == "old and new are not one machine: their boot ids \(words)")
        }
    }

    @Test func whichKernelBootsFirstIsAFairCoinOfTheSeed() throws {
        let schedule = Schedule(Plan(.ab, ToggleHarness.suite(["a"]), seed: 1))
        let first = (0..<400).map { schedule.firstArm(round: $0) }
        #expect((140...260).contains(first.count { $0 == .a }))
        #expect(first == (0..<400).map { schedule.firstArm(round: $0) })
    }

    @Test func whereMemoryIsShortOneKernelIsUpAtATimeAndAPairOfBootsIsABlock() async throws {
        let pair = try PairHarness()
        #expect(try await pair.run(rounds: nil).isComplete)
        let journal = try pair.journal
        // Every slice is alike, so that the look after the sixth pair of boots decides.
        #expect(journal.rounds.count == 12)
        #expect(journal.rounds.allSatisfy { $0.hosts.count == 1 })
        for cell in ["a", "b"] {
            let blocks = journal.blocks(of: cell)
            #expect(blocks.map(\.state.isCounted) == Array(repeating: true, count: 6))
            #expect(
                blocks.allSatisfy {
                    ["AABB", "BBAA"].contains($0.slices.map { $0.arm?.rawValue ?? "" }.joined())
                })
        }
    }

    @Test func aCellThatFailsWhileOneKernelIsUpLeavesTheOthersTheirAnswers() async throws {
        let pair = try PairHarness(b: "if [[ $name == a ]]; then failed failure; else result; fi")
        let outcome = try await pair.run(rounds: nil)
        #expect(outcome.failures.map(\.cell) == ["a"])
        #expect(try pair.journal.blocks(of: "b").count { $0.state.isCounted } == 6)
    }

    @Test func theHostsClockRateIsNoDifferenceOfAPlan() throws {
        func plan(_ commandLine: String, on host: GuestRecord.Host? = nil) throws -> Plan {
            var configuration = AgentConfiguration(executable: "")
            configuration.guest = GuestRecord(
                image: "k", accelerator: "tcg", metric: .time, machine: "microvm", cpus: 2,
                memory: 1 << 30, nodes: 1, pins: [], commandLine: commandLine, host: host)
            let machine = GuestMachine(label: "x", place: "", agent: configuration)
            return Plan.ab(
                ToggleHarness.suite(["a"]), a: machine, b: machine,
                stopping: try StoppingPlan(blocks: 6), equivalence: 0.02, rounds: 3, seed: 1)
        }
        #expect(try plan("a tsc_early_khz=1 b").continues(plan("a tsc_early_khz=2 b")))
        #expect(try !plan("a b").continues(plan("a c")))
        // Its host's memory is a little different after each boot; an older plan has no host.
        func host(_ model: String, _ memory: Int) -> GuestRecord.Host {
            .init(cpuModel: model, cpus: 2, memory: memory)
        }
        #expect(try plan("a", on: host("x", 1)).continues(plan("a", on: host("x", 2))))
        #expect(try plan("a", on: host("x", 1)).continues(plan("a")))
        #expect(try !plan("a", on: host("x", 1)).continues(plan("a", on: host("y", 1))))
    }

    @Test func noCellIsDecidedBeforeTheSixthOfEightRoundsIsWhole() async throws {
        // Every slice is alike: equivalence at the first look that is taken.
        let pair = try PairHarness()
        _ = try await pair.run(blocks: 16, rounds: 8, cells: ["a"])
        let rounds = try pair.journal.blocks(of: "a").map(\.round)
        #expect(rounds == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
    }

    @Test func aGuestThatIsLostVoidsItsRoundAndTheOthersGoOn() async throws {
        // B dies over cell a, whenever it is asked.
        let pair = try PairHarness(b: "if [[ $name == a ]]; then exit 3; else result; fi")
        let outcome = try await pair.run()
        #expect(outcome.failures.map(\.cell) == ["a"])
        #expect(outcome.failures.map(\.arm) == [.b])
        let journal = try pair.journal
        #expect(journal.voidRounds.map(\.arm) == [.b])
        let lost = journal.voidRounds.map(\.round)
        let good = journal.blocks(of: "b").filter { !lost.contains($0.round ?? -1) }
        #expect(good.count { $0.state.isCounted } == 6)
        #expect(journal.ending?.state == .finished)
    }

    @Test func anAgentThatIsKilledOnAMachineAsItRunsVoidsTheRoundAndTheCellGoesOn() async throws {
        let answer = """
            if [[ $name == a && ! -e $0.once ]]; then touch $0.once; kill -9 $$; fi
            result
            """
        let pair = try PairHarness(b: answer, host: "local")
        defer { try? SystemFile.unlink(pair.b.path + ".once") }
        #expect(try await pair.run().isComplete)
        let journal = try pair.journal
        #expect(journal.failures.isEmpty)
        #expect(journal.voidRounds.map(\.arm) == [.b])
        #expect(journal.voidRounds.first?.error.message.contains("signal 9") == true)
        let lost = journal.voidRounds.first?.round
        for cell in ["a", "b"] {
            let good = journal.blocks(of: cell).filter { $0.round != lost }
            #expect(good.count { $0.state.isCounted } == 6)
        }
        #expect(journal.ending?.state == .finished)
    }

    /// Takes the line `slow clock` for a machine that is unfit to measure on.
    private struct ClockWatch: MachineWatch {
        var blamesMachine = false
        var finding: String? { blamesMachine ? "the guest lost its clock source" : nil }
        mutating func take(_ line: String) { if line == "slow clock" { blamesMachine = true } }
        func loss(_ why: String, greeted: Bool) -> PlumblineError { .failure(why) }
    }

    // Once, over cell a's second number: by the agent's word, by the console's, by both.
    @Test(arguments: [
        (#"unfit; continue"#, "the agent: the clock source changed"),
        (#"echo slow clock >&2"#, "the guest lost its clock source"),
        (#"echo slow clock >&2; unfit; continue"#, "the "),
    ])
    func aClockThatChangesVoidsTheRoundAndTheCellGoesOn(
        fault: String, words: String
    ) async throws {
        let answer = """
            unfit() { echo '{"kind":"unfit","order":'"$order"',"error":{"kind":"failure",\
            "message":"the clock source changed","remedy":""}}'; }
            if [[ $name == a && $number == 1 && ! -e $0.once ]]; then
              touch $0.once; \(fault)
            fi
            result
            """
        let pair = try PairHarness(b: answer, watch: { ClockWatch() })
        defer { try? SystemFile.unlink(pair.b.path + ".once") }
        #expect(try await pair.run().isComplete)
        let journal = try pair.journal
        #expect(journal.failures.isEmpty)
        let lost = try #require(journal.voidRounds.first)
        #expect(journal.voidRounds.count == 1)
        #expect(lost.arm == .b)
        #expect(lost.error.message.hasPrefix(words), "\(lost.error)")
        #expect(journal.rounds.count == 4)
        for cell in ["a", "b"] {
            let good = journal.blocks(of: cell).filter { $0.round != lost.round }
            #expect(good.map(\.state.isCounted) == Array(repeating: true, count: 6))
        }
        #expect(journal.ending?.state == .finished)
    }

    @Test func aGuestThatIdlesWhileTheOtherIsMeasuredIsNotTakenForHung() async throws {
        // A's first slice takes longer than the silence that is allowed, with signs of life.
        let slow = """
            [[ $slow ]] || for i in 1 2 3 4 5 6; do
              sleep 0.6; echo '{"kind":"heartbeat","order":'"$order"'}'
            done
            slow=1; result
            """
        let pair = try PairHarness(a: slow, silence: .seconds(3))
        #expect(try await pair.run(rounds: 2, cells: ["a"]).isComplete)
        let journal = try pair.journal
        #expect(journal.voidRounds.isEmpty)
        #expect(journal.blocks(of: "a").map(\.state.isCounted) == Array(repeating: true, count: 6))
    }

    @Test func aKernelThatNeverComesUpEndsTheExperimentAsFailed() async throws {
        let pair = try PairHarness(bGreeting: "exit 1")
        _ = try await pair.run()
        let journal = try pair.journal
        #expect(journal.ending?.state == .failed)
        #expect(journal.slices.isEmpty)
        #expect(journal.voidRounds.count == 4)
        #expect(journal.voidRounds.allSatisfy { $0.arm == .b && !$0.error.message.isEmpty })
    }

    @Test func onlyMachinesOfSSHGoOnFromAnotherKernelOfTheController() async throws {
        var hello = FakeAgent.hello
        hello.kernelRelease = "6.2.0"
        let greeting = try FakeAgent.greeting(of: hello)
        let first = try PairHarness(stopAfter: 10, host: "box")
        #expect(try await first.run().interrupted)
        let second = try PairHarness(host: "box", localGreeting: greeting)
        #expect(try await second.resume(first).isComplete)
        let guests = try PairHarness(localGreeting: greeting)
        let error = await #expect(throws: PlumblineError.self) { try await guests.resume(first) }
        #expect(error?.kind == .usage)
    }

    @Test func anInterruptedComparisonGoesOnInANewRound() async throws {
        let first = try PairHarness(stopAfter: 10)
        #expect(try await first.run().interrupted)
        let second = try PairHarness()
        #expect(try await second.resume(first).isComplete)
        let journal = try second.journal
        #expect(journal.rounds.map(\.round) == Array(0..<journal.rounds.count))
        for cell in ["a", "b"] {
            #expect(journal.blocks(of: cell).count { $0.state.isCounted } >= 6)
        }
    }
}
