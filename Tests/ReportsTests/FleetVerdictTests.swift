// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import SchemaSupport
import Statistics
import Testing

@testable import Reports
@testable import Verdicts

struct FleetVerdictTests {
    /// A machine's journal: one cell, all blocks in one boot.
    private func journal(
        _ effect: Double, seed: UInt64, blocks: Int = 24, noise: Double = 0.01,
        change: (inout StoredJournal) -> Void = { _ in }
    ) -> StoredJournal {
        var builder = JournalBuilder(rule: .fixed, blocks: blocks, seed: seed)
        builder.add(blocks, effect: effect, noise: noise)
        var journal = builder.ended()
        change(&journal)
        return journal
    }

    private func machines(_ effects: [Double], noise: Double = 0.01) -> [MachineSummary] {
        effects.enumerated().map { number, effect in
            MachineSummary(
                journal(effect, seed: UInt64(number), noise: noise), machine: "n\(number)")
        }
    }

    private func judge(
        _ machines: [MachineSummary], waiting: Int = 0
    ) throws -> FleetVerdict {
        let verdict = try #require(try FleetVerdict(machines, waiting: waiting))
        let document: [String: JSONValue] = [
            "schema": .text("plumbline.fleet-status/1"), "tasks": .array([]),
            "verdict": try verdict.json(), "exit_code": .integer(Int128(verdict.exitCode)),
        ]
        let schema = try SchemaValidator(ReportFormat.fleetSchemaText)
        #expect(schema.problems(.object(document)) == [])
        return verdict
    }

    @Test func theUnitIsTheMachineAndItsValueTheMeanOfItsUnits() throws {
        let machines = machines([1.04, 1.05, 1.06, 1.05, 1.07])
        let fleet = try judge(machines)
        let means = machines.map {
            $0.cells[0].units.reduce(0, +) / Double($0.cells[0].units.count)
        }
        let t = try StudentT(means)
        let verdict = fleet.cells[0].verdict
        #expect(t.degreesOfFreedom == 4)
        #expect(verdict.p == t.p)
        #expect(verdict.rounds == 5)
        #expect(verdict.outcome == .improved)
        let interval = try t.interval().percent
        #expect(abs((verdict.interval?.lower ?? 0) - interval.lower) < 1e-9)
        let spread = try RoundSpread(machines.map { $0.cells[0].units })
        #expect(verdict.spread == spread)
        #expect(fleet.exitCode == 0)
    }

    @Test func blocksOfOneMachineDoNotReplaceMachines() throws {
        // Within each machine the effect is beyond doubt, but four machines are too few.
        let fleet = try judge(machines([1.04, 1.05, 1.06, 1.05]))
        #expect(fleet.cells[0].verdict.outcome == .inconclusive)
        #expect(fleet.exitCode == 4)
        #expect(fleet.text().contains("4 machines; a verdict needs 5"))
        #expect(try judge(machines([1.05])).exitCode == 4)
    }

    @Test func machinesThatDisagreeDecideNothing() throws {
        let fleet = try judge(machines([1.08, 0.93, 1.06, 0.95, 1.04, 0.96]))
        #expect(fleet.cells[0].verdict.outcome == .inconclusive)
        let spread = try #require(fleet.cells[0].verdict.spread)
        #expect(spread.between > 3 * (spread.within ?? 1) / spread.blocks.squareRoot())
        #expect(fleet.text().contains("between machines"))
        #expect(fleet.text().contains("machines decide"))
    }

    @Test func regressionsAndEquivalenceHaveTheirExitCodes() throws {
        #expect(try judge(machines([0.94, 0.95, 0.96, 0.95, 0.95])).exitCode == 3)
        let equal = try judge(machines([1, 1, 1, 1, 1, 1]))
        #expect(equal.cells[0].verdict.outcome == .equivalent)
        #expect(equal.exitCode == 0)
    }

    @Test func whileMachinesAreToComeThereIsNoVerdict() throws {
        let fleet = try judge(machines([0.94, 0.95, 0.96, 0.95, 0.95]), waiting: 2)
        #expect(fleet.cells[0].verdict.outcome == .inconclusive)
        #expect(fleet.exitCode == 4)
        #expect(fleet.text().contains("the verdict comes when all are measured"))
        #expect(fleet.text().contains("5, 2 to come"))
    }

    @Test func aFarMachineIsNamedAndCounts() throws {
        let fleet = try judge(machines([1.01, 1.012, 1.009, 1.011, 1.01, 1.3]))
        let cell = fleet.cells[0]
        #expect(cell.values.map(\.isFar) == [false, false, false, false, false, true])
        #expect(cell.verdict.rounds == 6)
        #expect(fleet.text().contains("n5 lies far from the other machines"))
    }

    @Test func machinesThatDifferAreTold() throws {
        var machines = machines([1, 1, 1, 1])
        machines.append(
            MachineSummary(
                journal(1, seed: 9) {
                    $0.header.host.cpuModel = "Another CPU"
                    $0.header.host.memory = 8 << 30
                    $0.header.host.kernelRelease = "6.12.0"
                    $0.header.host.buildID = "ff"
                }, machine: "n9"))
        let fleet = try judge(machines)
        #expect(
            fleet.differences.map(\.field) == ["CPU model", "memory", "kernel release", "build id"])
        #expect(fleet.differences[0].groups.last?.machines == ["n9"])
        #expect(fleet.text().contains("Another CPU (n9)"))
        #expect(fleet.cells[0].verdict.rounds == 5)
    }

    @Test func otherWorkloadsSlicesAndCPUCountsAreRefusedByNameAndMachine() throws {
        let changes: [(String, (inout StoredJournal) -> Void)] = [
            ("CPU count", { $0.header.host.cpus = 64 }),
            ("slice length", { $0.header.plan.suite.slice = 250_000_000 }),
            (
                "workload of pipe/1w1r/64KiB/none",
                { $0.header.plan.suite.cells[0].settings["msgsize"] = 4096 }
            ),
            ("version of plumbline", { $0.header.toolVersion = "9.9" }),
        ]
        for (field, change) in changes {
            let all =
                machines([1, 1]) + [
                    MachineSummary(journal(1, seed: 5, change: change), machine: "odd")
                ]
            let error = #expect(throws: JournalComparison.NotComparable.self) {
                try FleetVerdict(all)
            }
            #expect(error?.reasons.count == 1)
            #expect(error?.reasons.first?.hasPrefix("the \(field) differs: ") == true, "\(field)")
            #expect(error?.reasons.first?.hasSuffix(" on odd") == true)
        }
    }

    @Test func aCellWhoseSlicesGotLongerOnOneMachineIsInvalid() throws {
        let slow = journal(1, seed: 5) {
            let cell = $0.header.plan.suite.cells[0].name
            $0.add(.sliceLength(.init(cell: cell, slice: 2_000_000_000)))
        }
        let fleet = try judge(
            machines([1, 1, 1, 1, 1]) + [MachineSummary(slow, machine: "slow")])
        #expect(fleet.cells[0].verdict.outcome == .invalid)
        #expect(fleet.exitCode == 5)
        #expect(fleet.cells[0].verdict.error?.message.contains("2.00s on slow") == true)
    }

    @Test func runsOfAProgramMayTakeLongerOnOneMachine() throws {
        let cell = "command/x/none"
        let all = (0..<6).map { number in
            var builder = JournalBuilder(cells: [cell], seed: UInt64(number))
            builder.journal.header.plan.suite.cells[0].settings = [
                "run": .words(["true"]), "metric": "key:ops", "better": "higher",
            ]
            builder.add(24) { $0.value = Double($0.operations) }
            var journal = builder.ended()
            if number == 5 { journal.add(.sliceLength(.init(cell: cell, slice: 2_000_000_000))) }
            return MachineSummary(journal, machine: "n\(number)")
        }
        let verdict = try judge(all).cells[0].verdict
        #expect(verdict.outcome != .invalid, "\(String(describing: verdict.error))")
        #expect(verdict.rounds == 6)
    }

    @Test func aFailureOfOneArmOnOneMachineMakesTheCellInvalid() throws {
        let failing = journal(1, seed: 5) {
            let cell = $0.header.plan.suite.cells[0].name
            $0.add(
                .cellFailed(.init(cell: cell, arm: .b, number: 0, error: .failure("no luck"))))
        }
        let fleet = try judge(
            machines([1, 1, 1, 1, 1]) + [MachineSummary(failing, machine: "bad")])
        #expect(fleet.cells[0].verdict.outcome == .invalid)
        #expect(fleet.cells[0].verdict.error?.message.hasPrefix("bad: it failed on arm B") == true)
        #expect(fleet.exitCode == 5)
    }

    @Test func aMachineThatCannotRunACellAtAllIsLeftOutAndSaid() throws {
        let unable = journal(1, seed: 5) {
            let cell = $0.header.plan.suite.cells[0].name
            $0.add(.cellFailed(.init(cell: cell, number: 0, error: .failure("no memcg"))))
        }
        let fleet = try judge(
            machines([1, 1, 1, 1, 1]) + [MachineSummary(unable, machine: "old")])
        #expect(fleet.cells[0].verdict.rounds == 5)
        #expect(fleet.cells[0].verdict.outcome == .equivalent)
        #expect(fleet.cells[0].values[5].absence == "no memcg")
        #expect(fleet.text().contains("no memcg"))
    }

    @Test func roundsOfBootsAreTheUnitsOfAMachine() throws {
        let machines = (0..<5).map { number in
            var builder = JournalBuilder(rule: .fixed, blocks: 16, seed: UInt64(number))
            builder.journal.header.plan.comparison?.rounds = 8
            builder.add(16, effect: 1.05) { $0.round = ($0.block ?? 0) / 2 }
            return MachineSummary(builder.ended(), machine: "n\(number)")
        }
        #expect(machines[0].cells[0].units.count == 8)
        #expect(try judge(machines).text().contains("between rounds of a machine"))
    }

    @Test func twoImagesStayTwoImagesHoweverManyMachines() throws {
        let machines = (0..<12).map { number in
            MachineSummary(
                journal(1.01, seed: UInt64(number)) {
                    $0.header.plan.comparison?.knobs = []
                }, machine: "n\(number)")
        }
        let fleet = try judge(machines)
        #expect(fleet.cells[0].verdict.outcome == .imagesDiffer)
        #expect(fleet.exitCode == 4)
    }

    @Test func pairsOfMachinesSayNothingOfTheirKernels() throws {
        let machines = (0..<6).map { number in
            MachineSummary(
                journal(1.05, seed: UInt64(number)) {
                    $0.header.plan.comparison?.arms.b.host = "box\(number)"
                }, machine: "n\(number)")
        }
        let fleet = try judge(machines)
        #expect(fleet.cells[0].verdict.outcome == .imagesDiffer)
        #expect(fleet.cells[0].verdict.tags.contains("two-machines"))
        #expect(fleet.exitCode == 4)
    }

    @Test func severalCellsAreHeldAgainstOneErrorRate() throws {
        let machines = (0..<6).map { number in
            var builder = JournalBuilder(
                cells: ["pipe/a", "pipe/b"], rule: .fixed, seed: UInt64(number))
            builder.add(24, of: "pipe/a", effect: 1.05)
            builder.add(24, of: "pipe/b", effect: 1)
            return MachineSummary(builder.ended(), machine: "n\(number)")
        }
        let fleet = try judge(machines)
        let p = fleet.cells.map { $0.verdict.p ?? 1 }
        #expect(fleet.cells.map(\.verdict.adjustedP) == (try Multiplicity.holm(p)))
        #expect(fleet.text().contains("Verdicts hold over all 2 cells (Holm)."))
    }

    @Test func anEffectIsTakenApartWithTheMachineAsTheUnit() throws {
        let truth = [("none", 1.2), ("memcg", 1.02), ("cgroup", 1.2), ("cgroup-burners=1", 1.08)]
        let cells = truth.map { "pipe/1w1r/64KiB/default/\($0.0)" }
        let machines = (0..<6).map { number in
            var builder = JournalBuilder(cells: cells, rule: .fixed, seed: UInt64(number))
            for (cell, effect) in zip(cells, truth.map(\.1)) {
                builder.add(24, of: cell, effect: effect)
            }
            return MachineSummary(builder.ended(), machine: "n\(number)")
        }
        let fleet = try judge(machines)
        #expect(fleet.cells.map { $0.verdict.parts != nil } == [false, true, false, false])
        let parts = try #require(fleet.cells[1].verdict.parts?.parts)
        #expect(parts.map(\.name) == [.without, .charging, .contention, .reclaim])
        let steps = try machines.map {
            try #require($0.cells[1].mean) - #require($0.cells[3].mean)
        }
        let t = try StudentT(steps)
        #expect(abs(parts[3].logRatio - t.estimate) < 1e-12)
        let confidence = try #require(parts[3].interval?.confidence)
        #expect(parts[3].interval == (try t.interval(confidence: confidence)))
        #expect(fleet.text().contains("made of: no cgroup +"))
        #expect(try fleet.json().at("cells.1.parts.3.name") == .text("reclaim"))
        // A look before the end would raise the error rate.
        #expect(try judge(machines, waiting: 1).cells.allSatisfy { $0.verdict.parts == nil })
    }

    @Test func machinesWhoseWorkersAreNotPressedAreNamed() throws {
        let machines = (0..<5).map { number in
            var builder = JournalBuilder(
                cells: ["pipe/1w1r/64KiB/default/memcg"], rule: .fixed, seed: UInt64(number))
            builder.add(24) { $0.evidence.workers["reclaim_stalls"] = number == 2 ? 0 : 500 }
            return MachineSummary(builder.ended(), machine: "n\(number)")
        }
        let fleet = try judge(machines)
        #expect(fleet.cells[0].unpressed == ["n2"])
        #expect(fleet.text().replacing("\n", with: " ").contains("not in direct reclaim on n2:"))
        #expect(try fleet.json().at("cells.0.machines.2.worker_stalls_per_second")?.double == 0)
    }

    @Test func runsOfOneArmShowTheMachinesRates() throws {
        let machines = (1...3).map { number in
            MachineSummary(
                JournalBuilder.run(operations: 1000 * UInt64(number), number: UInt64(number)),
                machine: "n\(number)")
        }
        let fleet = try judge(machines)
        #expect(fleet.exitCode == 0)
        #expect(fleet.cells[0].rateSpread == 50)
        #expect(fleet.text().contains("no verdict"))
        #expect(fleet.text().contains("n3"))
        #expect(try fleet.json().at("cells.0.verdict") == nil)
    }

    @Test func theDocumentHasEachMachineOfEachCell() throws {
        let json = try judge(machines([1.04, 1.05, 1.06, 1.05, 1.07])).json()
        #expect(json.at("schema") == .text("plumbline.fleet-verdict/1"))
        #expect(json.at("cells.0.verdict") == .text("improved"))
        #expect(json.at("cells.0.machines.4.machine") == .text("n4"))
        #expect(json.at("machines_to_come") != nil)
    }

    @Test func withoutAMachineThereIsNoVerdict() throws {
        #expect(try FleetVerdict([]) == nil)
    }

    @Test("equal, few or spread values have no far ones, and a far one is found among many")
    func farValues() {
        #expect(FarValues.places(in: [1, 2, 3, 100]) == [])
        #expect(FarValues.places(in: [1, 1, 1, 1, 5]) == [])
        #expect(FarValues.places(in: [1, 2, 3, 4, 5, 6, 7]) == [])
        #expect(FarValues.places(in: [1, 2, 3, 4, 5, -60, 90]) == [5, 6])
    }
}
