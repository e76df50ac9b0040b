// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import Testing
import Verdicts

@testable import Experiment

/// Comparisons on two machines that swap kernels, whose boots are scripted.
@Suite(.serialized) struct CrossoverTargetTests {
    @Test func eachRoundHasBothKernelsOnBothMachinesAndTheJournalSaysWhichWhere() async throws {
        let harness = CrossoverHarness()
        #expect(try await harness.run().isComplete)
        let journal = try harness.journal
        #expect(journal.header.comparison?.machines == ["box1", "box2"])
        #expect(journal.header.comparison?.areTwoMachines == false)
        #expect(journal.header.plan.host == "box1 and box2")
        #expect(journal.rounds.map(\.round) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
        for round in 0..<5 {
            let places = journal.rounds.filter { $0.round == round }.map { record in
                [Arm.a, .b].map { record.boots?[$0]?.host }
            }
            let both: [[String?]] = [["box1", "box2"], ["box2", "box1"]]
            #expect(places == both || places == [both[1], both[0]])
        }
        for record in journal.rounds {
            #expect(record.hosts[.a]?.kernelRelease == "old")
            #expect(record.hosts[.b]?.kernelRelease == "new")
            // The first machine's arm.
            #expect(record.boots?[record.first]?.host == "box1")
        }
        // A coin decides which kernel a machine has first.
        #expect(Set(stride(from: 0, to: 10, by: 2).map { journal.rounds[$0].first }).count == 2)
        for machine in harness.machines {
            #expect(machine.ran.count { $0 == "reboot" } == 10)
        }
        for cell in ["a", "b"] {
            let blocks = journal.blocks(of: cell)
            #expect(blocks.count == 20 && blocks.allSatisfy(\.state.isCounted))
            for round in 0..<5 {
                let swapped = blocks.filter { $0.round == round }.map(\.isSwapped)
                #expect(swapped.count { $0 == true } == 2 && swapped.count { $0 == false } == 2)
            }
        }
    }

    @Test func anOddNumberOfBlocksARoundIsMadeEven() async throws {
        let harness = CrossoverHarness()
        #expect(try await harness.run(blocks: 5, cells: ["a"]).isComplete)
        let journal = try harness.journal
        #expect(journal.header.comparison?.blocks == 10)
        #expect(journal.blocks(of: "a").count { $0.state.isCounted } == 10)
    }

    @Test func aFasterMachineIsAFactAndNoChangeOfTheKernel() async throws {
        let more = #"s/"operations":10\b/"operations":11/g"#
        let faster = ScriptedMachine(answer: "result | sed '\(more)'")
        let harness = CrossoverHarness(ScriptedMachine(), faster)
        #expect(try await harness.run(cells: ["a"]).isComplete)
        let cell = try VerdictReport(try harness.journal).cells[0]
        let effect = try #require(cell.effect)
        #expect(abs(effect) < 1e-9)
        #expect(!cell.outcome.isDifference)
        let difference = try #require(cell.evidence["machine_difference_percent"])
        #expect(abs(difference - 10) < 1e-6)
    }

    @Test func aVoidBlockIsMadeGoodForInTheSameBoot() async throws {
        let once = "/tmp/plumbline-once-\(UInt64.random(in: 0 ... .max))"
        defer { try? SystemFile.unlink(once) }
        let void = #"result | sed 's/"reasons":{}/"reasons":{"unpressured":"x"}/'"#
        let machine = ScriptedMachine(
            answer: "if [[ ! -e \(once) && $number == 3 ]]; then touch \(once); \(void); "
                + "else result; fi")
        let harness = CrossoverHarness(machine)
        #expect(try await harness.run(cells: ["a"]).isComplete)
        let blocks = try harness.journal.blocks(of: "a")
        #expect(blocks.count { $0.state.isVoid } == 1)
        for round in 0..<5 {
            let counted = blocks.filter { $0.round == round && $0.state.isCounted }
            #expect(counted.map(\.isSwapped).count { $0 == true } == 2 && counted.count == 4)
        }
    }

    @Test func aMachineThatDoesNotComeBackEndsItsRoundAndTheResultsStay() async throws {
        // The second boot of the third round.
        let second = ScriptedMachine { $0 < 5 ? .comesBack : .isGone }
        let harness = CrossoverHarness(ScriptedMachine(), second)
        #expect(try await !harness.run().interrupted)
        let journal = try harness.journal
        #expect(journal.ending?.state == .failed)
        #expect(journal.voidRounds.map(\.round) == [2, 3, 4, 5])
        let first = try #require(journal.voidRounds.first)
        #expect(first.error.message.hasPrefix("ssh://box2 did not come back"), "\(first.error)")
        #expect(journal.blocks(of: "a").count { $0.state.isCounted } == 8)
    }

    @Test func aBootOfAnotherKernelVoidsItsRoundAndTheNextOneGoesOn() async throws {
        let second = ScriptedMachine { $0 == 4 ? .boots("default") : .comesBack }
        let harness = CrossoverHarness(ScriptedMachine(), second)
        #expect(try await harness.run().isComplete)
        let journal = try harness.journal
        let void = try #require(journal.voidRounds.first)
        #expect(journal.voidRounds.count == 1 && void.round == 2)
        #expect(void.error.message.contains("ssh://box2 booted another kernel than "))
        for cell in ["a", "b"] {
            #expect(journal.blocks(of: cell).count { $0.state.isCounted } == 20)
        }
    }

    @Test func oneNameOfTwoKernelsIsAUsageErrorInTheFirstRound() async throws {
        let second = ScriptedMachine { .boots("other\($0 % 2)") }
        let harness = CrossoverHarness(ScriptedMachine(), second)
        do {
            _ = try await harness.run()
            Issue.record("it was accepted")
        } catch let error as PlumblineError {
            #expect(error.kind == .usage)
            #expect(error.message.contains("booted different kernels for arm "), "\(error)")
            #expect(error.message.contains("box1") && error.message.contains("box2"), "\(error)")
        }
        #expect(second.ran.count { $0 == "reboot" } == 2)
    }

    @Test func aComparisonGoesOnInANewRound() async throws {
        // In the second boot of the second round.
        let first = CrossoverHarness(stopAfter: 50)
        #expect(try await first.run().interrupted)
        let second = CrossoverHarness()
        #expect(try await second.resume(first).isComplete)
        let journal = try second.journal
        #expect(journal.voidRounds.isEmpty)
        let report = try VerdictReport(journal)
        #expect(report.cells.allSatisfy { $0.rounds == 5 && $0.outcome != .imagesDiffer })
        for cell in ["a", "b"] {
            #expect(journal.blocks(of: cell).count { $0.state.isCounted } > 20)
        }
    }
}
