// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import Testing
import Verdicts

@testable import Experiment

/// One guest whose knob is switched, by scripts that do what no guest does on demand.
@Suite(.serialized)
struct GuestToggleTests {
    private static let once = "[[ \(GuestToggleHarness.once) ]]"

    @Test func eachRoundIsOneBootAndTheKnobIsOnTheSideOfEverySlice() async throws {
        // The slice's time tells on which side it ran.
        let harness = try GuestToggleHarness(
            answer: #"[[ $side == Y ]] && result | sed 's/:500000000/:250000000/g' || result"#,
            turn: "side=${BASH_REMATCH[1]}; turned")
        #expect(try await harness.run().isComplete)
        let journal = try harness.journal
        #expect(journal.header.plan.kind == .toggle)
        #expect(journal.header.plan.bootsRounds)
        #expect(journal.rounds.map(\.round) == [0, 1, 2, 3, 4])
        #expect(harness.turns.count == 5)
        for slice in journal.slices {
            #expect(slice.interval == (slice.arm == .a ? 500_000_000 : 250_000_000))
        }
        for cell in ["a", "b"] {
            let blocks = journal.blocks(of: cell)
            #expect(blocks.map(\.state.isCounted) == Array(repeating: true, count: 10))
            #expect(blocks.map(\.round) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
        }
        #expect(journal.ending?.state == .finished)
    }

    @Test func theKnobBeginsEachRoundOnTheSideThatTheSeedDraws() async throws {
        let harness = try GuestToggleHarness()
        _ = try await harness.run(rounds: 10)
        let journal = try harness.journal
        let schedule = Schedule(journal.header.plan)
        let sides = journal.rounds.map(\.first)
        #expect(sides == journal.rounds.map { schedule.firstArm(round: $0.round) })
        #expect(Set(sides) == [.a, .b])
        let first = harness.turns.dropFirst().map { $0.first }
        #expect(first == sides.dropFirst().map { $0 == .a ? "N" : "Y" })
        // Before the first round both values were tried.
        #expect(harness.turns.first?.prefix(2) == ["Y", "N"])
    }

    @Test func aPlaceboIsTurnedAsOftenAsADifference() async throws {
        let real = try GuestToggleHarness()
        let placebo = try GuestToggleHarness()
        _ = try await real.run()
        _ = try await placebo.run(["module:pipe.prealloc=Y,Y"])
        #expect(placebo.turns.map(\.count) == real.turns.map(\.count))
        #expect(Set(placebo.turns.flatMap { $0 }) == ["Y"])
    }

    @Test func aSettingNeedsNoTurn() async throws {
        let harness = try GuestToggleHarness()
        _ = try await harness.run(["set:handicap=0,5"])
        #expect(harness.turns.allSatisfy { $0.isEmpty })
        #expect(try harness.journal.rounds.count == 5)
    }

    // What the agent says of a knob that is absent, fixed, or read back differently.
    @Test func aKnobThatDoesNotWorkIsNamedAndLeavesNoJournal() async throws {
        let harness = try GuestToggleHarness(turn: "failed usage")
        let error = await #expect(throws: PlumblineError.self) { try await harness.run() }
        #expect(error?.kind == .usage)
        #expect(error?.message == "the guest: no luck")
        #expect(!SystemFile.exists(harness.path))
    }

    @Test func aGuestThatIsLostBetweenPrepareAndRunVoidsItsRound() async throws {
        let harness = try GuestToggleHarness(
            answer: "[[ $name == a ]] && \(Self.once) && exit 3; result")
        let outcome = try await harness.run()
        #expect(outcome.failures.map(\.cell) == ["a"])
        let journal = try harness.journal
        #expect(journal.voidRounds.count == 1)
        #expect(journal.rounds.count == 6)
        let lost = journal.voidRounds.map(\.round)
        let good = journal.blocks(of: "b").filter { !lost.contains($0.round ?? -1) }
        #expect(good.count { $0.state.isCounted } == 10)
        #expect(journal.ending?.state == .finished)
    }

    @Test func aGuestThatIsLostWhileAKnobIsTurnedVoidsItsRoundAndEveryCellGoesOn() async throws {
        let harness = try GuestToggleHarness(
            turn: "(( turn == 6 )) && \(Self.once) && exit 3; turned")
        let outcome = try await harness.run()
        #expect(outcome.isComplete)
        let journal = try harness.journal
        #expect(journal.voidRounds.map(\.round) == [0])
        for cell in ["a", "b"] {
            let good = journal.blocks(of: cell).filter { $0.round != 0 }
            #expect(good.count { $0.state.isCounted } == 10)
        }
    }

    @Test func aGuestThatDoesNotComeToRestVoidsItsRound() async throws {
        let unfit = #"""
            echo '{"kind":"unfit","order":'"$order"',"error":{"kind":"failure","message":"busy",\#
            "remedy":""}}'
            """#
        let harness = try GuestToggleHarness(
            turn: "if (( turn == 6 )) && \(Self.once); then \(unfit); else turned; fi")
        #expect(try await harness.run().isComplete)
        #expect(try harness.journal.voidRounds.map(\.error.message) == ["the guest: busy"])
    }

    @Test func aKnobThatSomebodyElseFlippedVoidsTheSliceAndIsTurnedAgain() async throws {
        let void = #"result | sed 's/"reasons":{}/"reasons":{"knob-changed":"x"}/'"#
        let plain = try GuestToggleHarness()
        _ = try await plain.run(cells: ["a"])
        // The second slice of a block's middle pair: no turn would come before the third.
        let harness = try GuestToggleHarness(
            answer: "if (( slice == 2 )) && \(Self.once); then \(void); else result; fi")
        #expect(try await harness.run(cells: ["a"]).isComplete)
        let journal = try harness.journal
        let blocks = journal.blocks(of: "a")
        #expect(blocks.count { $0.state.isVoid } == 1)
        #expect(blocks.count { $0.state.isCounted } == 10)
        #expect(journal.slices.count { !$0.isValid } == 1)
        let (turns, usual) = (harness.turns[0], plain.turns[0])
        let middle = usual.firstIndex(of: usual.last!)
        #expect(middle != nil && turns.count > usual.count)
    }

    @Test func anInterruptedToggleGoesOnInANewRound() async throws {
        let first = try GuestToggleHarness(stopAfter: 10)
        #expect(try await first.run().interrupted)
        let second = try GuestToggleHarness()
        #expect(try await second.resume(first).isComplete)
        let journal = try second.journal
        #expect(journal.rounds.map(\.round) == Array(0..<journal.rounds.count))
        for cell in ["a", "b"] {
            #expect(journal.blocks(of: cell).count { $0.state.isCounted } >= 10)
        }
    }
}
