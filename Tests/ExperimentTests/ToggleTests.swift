// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import Machine
import Protocol
import Testing
import Verdicts

@testable import Experiment

@Suite(.serialized)
struct ToggleTests {
    private let knob = ["set:handicap=0,5"]
    private static let onB = #"[[ $plan == *'"handicap":5'* ]]"#

    @Test func everyBlockOfTheScheduleEndsInTheJournalAfterAWarmUp() async throws {
        let harness = try ToggleHarness()
        #expect(try await harness.run(knob).isComplete)
        let journal = try harness.journal
        #expect(journal.header.plan.kind == .toggle)
        #expect(journal.header.plan.comparison?.arms.b.label == "handicap=5")
        #expect(journal.header.plan.suite.cells.map(\.name) == [Self.name])
        let blocks = journal.blocks(of: Self.name)
        #expect(blocks.map(\.state.isCounted) == [false] + Array(repeating: true, count: 6))
        let schedule = Schedule(journal.header.plan)
        for block in blocks {
            #expect(block.slices.map(\.position) == [0, 1, 2, 3])
            let arms = schedule.order(cell: 0, block: block.number).arms
            #expect(block.slices.map(\.arm) == arms)
        }
        #expect(journal.ending?.state == .finished)
    }

    private static let name = "pipe/1w1r/64KiB/default/none"

    @Test func aCellThatIsDecidedStopsBeforeItsBudget() async throws {
        // Every slice is alike: equivalence at the first look after ten blocks.
        let harness = try ToggleHarness()
        _ = try await harness.run(knob, blocks: 40)
        #expect(try harness.journal.blocks(of: Self.name).count == 11)
    }

    @Test func bothArmsArePreparedBesideTheWorkersOfBoth() async throws {
        // Hogs are placed alike, or the second arm would stop those that the first runs under.
        let harness = try ToggleHarness(answer: "echo plan $plan >&2; result")
        let knobs = ["set:writers=1,5", "set:writer_cpus=0,1"]
        #expect(try await harness.run(knobs, cells: ["a"]).isComplete)
        let plans = harness.notes.filter { $0.hasPrefix("plan ") }
        for writers in [1, 5] {
            #expect(plans.contains { $0.contains("\"writers\":\(writers)") })
        }
        #expect(plans.allSatisfy { $0.contains("\"workers\":6") })
        #expect(plans.allSatisfy { $0.contains("\"worker_cpus\":\"0-1\"") })
    }

    @Test func aFileIsSwitchedBeforeEachSliceAndPutBack() async throws {
        let harness = try ToggleHarness(answer: "echo value $(cat $0.knob) >&2; result")
        #expect(try await harness.run(["\(harness.file)=70,80"]).isComplete)
        let values = harness.notes.filter { $0.hasPrefix("value ") }.map { $0.dropFirst(6) }
        let arms = try harness.journal.slices.map { $0.arm == .a ? "70" : "80" }
        #expect(values.count >= arms.count - 1)
        #expect(zip(values, arms).allSatisfy { $0 == $1 })
        #expect(harness.value == "60")
        #expect(try harness.journal.header.plan.suite.cells.map(\.name) == ["a", "b"])
    }

    @Test func aVoidSliceVoidsItsBlockWhichIsMadeGoodFor() async throws {
        let void = #"result | sed 's/"reasons":{}/"reasons":{"unpressured":"x"}/'"#
        let harness = try ToggleHarness(
            answer: "if (( slice == 6 || slice == 14 )); then \(void); else result; fi")
        #expect(try await harness.run(knob).isComplete)
        let states = try harness.journal.blocks(of: Self.name).map(\.state)
        #expect(states.count { $0.isVoid } == 2)
        #expect(states.count { $0.isCounted } == 6)
        #expect(states.count == 9)
    }

    @Test func aCellWhoseSlicesAreAllVoidEnds() async throws {
        let harness = try ToggleHarness(
            answer: #"result | sed 's/"reasons":{}/"reasons":{"unpressured":"x"}/'"#)
        #expect(try await harness.run(knob, blocks: 40).isComplete)
        let states = try harness.journal.blocks(of: Self.name).map(\.state)
        #expect(states.map(\.isVoid) == [false] + Array(repeating: true, count: 6))
    }

    @Test func aCellThatFailsOnOneArmHasBeenTriedOnTheOther() async throws {
        let harness = try ToggleHarness(
            answer: "if \(Self.onB); then failed failure; else result; fi")
        let outcome = try await harness.run(knob)
        #expect(outcome.failures.map(\.arm) == [.b])
        let journal = try harness.journal
        #expect(journal.failures.map(\.arm) == [.b])
        #expect(journal.slices.contains { $0.arm == .a && $0.isValid })
        #expect(!journal.slices.contains { $0.arm == .b })
    }

    @Test func aCellThatFailsOnBothArmsSaysSoForBoth() async throws {
        let harness = try ToggleHarness(answer: "failed failure")
        #expect(Set(try await harness.run(knob).failures.map(\.arm)) == [.a, .b])
    }

    @Test func aCellThatKillsItsAgentIsGivenUpAndTheOthersGoOn() async throws {
        let harness = try ToggleHarness(
            answer: "if [ $name = a ]; then kill -9 $$; else result; fi")
        let outcome = try await harness.run(["\(harness.file)=70,80"])
        #expect(outcome.failures.map(\.cell) == ["a"])
        #expect(outcome.failures.first?.error.message.contains("signal 9") == true)
        #expect(harness.notes.count { $0.contains("the block is measured again") } == 2)
        let journal = try harness.journal
        #expect(journal.failures.count == 1)
        #expect(journal.blocks(of: "b").count { $0.state.isCounted } == 6)
        #expect(journal.ending?.state == .finished)
        #expect(harness.value == "60")
    }

    @Test func anInterruptionPutsTheKnobBackAndAResumeMakesTheRest() async throws {
        let harness = try ToggleHarness(stopAfter: 10)
        #expect(try await harness.run(["\(harness.file)=70,80"], cells: ["a"]).interrupted)
        #expect(harness.value == "60")
        let before = try harness.journal
        #expect(before.ending?.state == .interrupted)
        let again = try ToggleHarness()
        #expect(try await again.resume(harness).isComplete)
        let after = try again.journal
        #expect(Array(after.slices.prefix(before.slices.count)) == before.slices)
        let states = after.blocks(of: "a").map(\.state)
        #expect(states.count { $0.isCounted } == 6)
        #expect(states.count { $0 == .warmup } == 2)
        #expect(after.ending?.state == .finished)
        #expect(harness.value == "60")
    }

    @Test func anotherMachineWithTheSameKernelIsRefusedAndALittleMemoryIsNot() async throws {
        let harness = try ToggleHarness(stopAfter: 10)
        #expect(try await harness.run(knob).interrupted)
        var hello = FakeAgent.hello
        hello.memory -= hello.memory / 32
        let again = try ToggleHarness(greeting: FakeAgent.greeting(of: hello))
        #expect(try await again.resume(harness).isComplete)
        hello.cpus = 4
        let other = try ToggleHarness(greeting: FakeAgent.greeting(of: hello))
        let error = await #expect(throws: PlumblineError.self) {
            try await other.resume(harness)
        }
        #expect(error?.kind == .usage)
        #expect(error?.message.contains("a machine with 2 CPUs and 1.0 GiB") == true)
    }

    @Test func aKnobThatFailsLeavesNoJournalAndTheOldValue() async throws {
        let harness = try ToggleHarness()
        let error = await #expect(throws: PlumblineError.self) {
            try await harness.run(["\(harness.file)=70,8"])
        }
        #expect(error?.message.contains("is read back") == true)
        #expect(harness.value == "60")
        #expect(!SystemFile.exists(harness.path))
    }

    @Test func aWarmUpThatTakesLongerIsExtendedWithoutALookAtTheArms() async throws {
        // The first two blocks that count run at half the rate of the others.
        let slow = #"result | sed 's/"interval_ns":500000000/"interval_ns":990000000/g'"#
        let noise =
            #"result | sed "s/:500000000/:500000$((order * 7919 % 100 + 100))/g""#
        let harness = try ToggleHarness(
            answer: "if (( slice <= 12 )); then \(slow); else \(noise); fi")
        #expect(try await harness.run(knob, blocks: 12).isComplete)
        let journal = try harness.journal
        #expect(journal.firstBlocks[Self.name] == 3)
        let states = journal.blocks(of: Self.name).map(\.state)
        #expect(states.prefix(3).allSatisfy { $0 == .warmup })
        #expect(states.dropFirst(3).allSatisfy { $0.isCounted })
        #expect(states.count >= 13)
    }
}
