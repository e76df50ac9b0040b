// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import Testing
import Verdicts

@testable import Experiment

/// Comparisons of two kernels of one machine that reboots, whose boots are scripted.
@Suite(.serialized) struct RebootTargetTests {
    @Test func aBlockIsAPairOfBootsAndEachBootIsIdentifiedInTheJournal() async throws {
        let harness = RebootHarness(ScriptedMachine())
        #expect(try await harness.run().isComplete)
        let journal = try harness.journal
        #expect(journal.header.host.kernelRelease == "default")
        #expect(journal.rounds.count == 12)
        #expect(Set(journal.rounds.map(\.round)) == Set(0..<6))
        for round in journal.rounds {
            let (arm, hello) = try #require(round.hosts.first)
            let kernel = arm == .a ? "old" : "new"
            #expect(hello.kernelRelease == kernel)
            #expect(round.boots?[arm]?.version == "Linux version \(kernel)")
            #expect(round.boots?.count == 1 && round.boots?[arm]?.took != nil)
        }
        #expect(Set(journal.rounds.compactMap { $0.boots?.values.first?.bootID }).count == 12)
        for cell in ["a", "b"] {
            #expect(journal.blocks(of: cell).count { $0.state.isCounted } == 6)
        }
    }

    @Test func aBootOfAnotherKernelVoidsItsRoundAndTheNextOneGoesOn() async throws {
        let harness = RebootHarness(ScriptedMachine { $0 == 5 ? .boots("default") : .comesBack })
        #expect(try await harness.run().isComplete)
        let journal = try harness.journal
        let void = try #require(journal.voidRounds.first)
        #expect(journal.voidRounds.count == 1 && void.round == 2)
        #expect(void.error.message.contains("ssh://box booted another kernel than "))
        #expect(void.error.message.contains("release 'default' instead of"), "\(void.error)")
        for cell in ["a", "b"] {
            let good = journal.blocks(of: cell).filter { $0.round != 2 }
            #expect(good.count { $0.state.isCounted } == 6)
        }
    }

    @Test func aMachineThatDoesNotComeBackLeavesTheResultsSoFar() async throws {
        let harness = RebootHarness(ScriptedMachine { $0 < 6 ? .comesBack : .isGone })
        let outcome = try await harness.run()
        #expect(!outcome.interrupted)
        let journal = try harness.journal
        #expect(journal.ending?.state == .failed)
        #expect(journal.voidRounds.map(\.round) == [3, 4, 5, 6])
        let first = try #require(journal.voidRounds.first)
        #expect(first.error.message.contains("did not come back within 1 s"), "\(first.error)")
        #expect(journal.blocks(of: "a").count { $0.state.isCounted } == 3)
    }

    @Test func twoNamesOfOneKernelAreAUsageErrorAfterTheFirstPair() async throws {
        let harness = RebootHarness(ScriptedMachine { _ in .boots("same") })
        do {
            _ = try await harness.run()
            Issue.record("it was accepted")
        } catch let error as PlumblineError {
            #expect(error.kind == .usage)
            #expect(error.message.hasPrefix("A and B booted the same kernel: same #1"), "\(error)")
        }
        #expect(harness.machine.ran.count { $0 == "reboot" } == 2)
    }

    @Test func aKernelIsComparedWithItselfUnderOneName() async throws {
        let harness = RebootHarness(ScriptedMachine(), a: "new")
        #expect(try await harness.run(cells: ["a"]).isComplete)
        #expect(try harness.journal.voidRounds.isEmpty)
        #expect(try harness.journal.header.comparison?.areTwoImages == false)
    }

    @Test func anAgentThatIsLostVoidsItsRoundAndItsCellGoesOn() async throws {
        let once = "/tmp/plumbline-once-\(UInt64.random(in: 0 ... .max))"
        defer { try? SystemFile.unlink(once) }
        let answer = "if [[ ! -e \(once) && $number == 2 ]]; then touch \(once); exit 3; fi; result"
        let harness = RebootHarness(ScriptedMachine(answer: answer))
        #expect(try await harness.run().isComplete)
        let journal = try harness.journal
        #expect(journal.failures.isEmpty && journal.voidRounds.count == 1)
        #expect(journal.voidRounds.first?.error.remedy.contains("journalctl -b -1") == true)
    }

    @Test func aComparisonGoesOnFromAnyKernelAndRefusesABootOfAnotherOneThanBefore() async throws {
        let first = RebootHarness(ScriptedMachine(), stopAfter: 10)
        #expect(try await first.run().interrupted)
        let second = RebootHarness(ScriptedMachine { $0 == 0 ? .boots("third") : .comesBack })
        #expect(try await second.resume(first).isComplete)
        let journal = try second.journal
        #expect(journal.voidRounds.count == 1)
        #expect(journal.resumptions.map(\.host.kernelRelease) == ["default"])
        #expect(journal.blocks(of: "a").count { $0.state.isCounted && !$0.isInVoidRound } >= 6)
    }
}
