// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import SchemaSupport
import Statistics
import Testing

@testable import Reports
@testable import Verdicts

/// Two machines of which the second is 10 % faster and which swap kernels, in eight rounds of four
/// blocks.
struct CrossoverTests {
    /// - Parameters:
    ///   - effect: the candidate's rate over the baseline's, on either machine.
    ///   - swaps: whether the machines swap in each round.
    private func journal(
        effect: Double, swaps: Bool = true, noise: Double = 0.002, cells: Int = 1
    ) -> StoredJournal {
        let names = (0..<cells).map { "pipe/\($0)/none" }
        var builder = JournalBuilder(cells: names, blocks: 32, knobs: [])
        builder.journal.header.plan.kind = .ab
        builder.journal.header.plan.host = "box1 and box2"
        builder.journal.header.plan.comparison?.rounds = 8
        builder.journal.header.plan.comparison?.machines = ["box1", "box2"]
        builder.journal.header.plan.comparison?.arms.a.label = "old"
        builder.journal.header.plan.comparison?.arms.b.label = "new"
        func place(_ arm: Arm, round: Int, isSecondBoot: Bool) -> Int {
            (swaps && (round % 3 == 0) != isSecondBoot) == (arm == .a) ? 1 : 0
        }
        for round in 0..<8 {
            for isSecondBoot in [false, true] {
                var boots: [Arm: BootRecord] = [:]
                for arm in Arm.allCases {
                    boots[arm] = BootRecord(bootID: "1", version: "v", commandLine: "c")
                    let machine = place(arm, round: round, isSecondBoot: isSecondBoot)
                    boots[arm]?.host = ["box1", "box2"][machine]
                }
                builder.journal.add(
                    .round(
                        RoundRecord(
                            round: round, first: .a,
                            hosts: [.a: JournalBuilder.host, .b: JournalBuilder.host],
                            boots: boots, at: 1)))
            }
        }
        for name in names {
            builder.add(32, of: name, effect: effect, noise: noise) { slice in
                let block = slice.block ?? 0
                slice.round = block / 4
                let machine = place(
                    slice.arm ?? .a, round: block / 4, isSecondBoot: block % 4 > 1)
                if machine == 1 { slice.operations = slice.operations * 11 / 10 }
            }
        }
        return builder.ended()
    }

    @Test(arguments: [
        (1.0, Verdict.Outcome.equivalent, Int32(0)), (1.05, .improved, 0), (0.95, .regressed, 3),
        (1.02, .imagesDiffer, 4),
    ])
    func theMachinesDifferenceCancelsAndIsTold(
        effect: Double, outcome: Verdict.Outcome, code: Int32
    ) throws {
        for cells in [1, 2] {
            let report = try VerdictReport(journal(effect: effect, cells: cells))
            #expect(report.exitCode == code)
            for cell in report.cells {
                #expect(cell.outcome == outcome)
                #expect(abs(try #require(cell.effect) - 100 * (effect - 1)) < 0.5)
                let difference = try #require(cell.evidence["machine_difference_percent"])
                #expect(abs(difference - 10) < 0.5)
                #expect(!cell.tags.contains(CellVerdict.twoMachines))
                // What blocks of a boot differ by has nothing of the machines in it.
                #expect(try #require(cell.spread?.within) < 0.01)
            }
            let text = report.text().words.joined(separator: " ")
            #expect(text.contains("machines: box2 vs box1 with equal kernels +10."))
            #expect(text.contains("machine box1: 2 CPUs"))
            #expect(text.contains("machine box2: 2 CPUs"))
            #expect(text.contains("8 rounds of both, on one machine each, and of both swapped"))
        }
    }

    @Test func withoutASwapTheMachinesAreNotToldFromTheKernels() throws {
        let report = try VerdictReport(journal(effect: 1, swaps: false))
        #expect(report.cells[0].outcome == .imagesDiffer)
        #expect(report.cells[0].tags.contains(CellVerdict.twoMachines))
        #expect(report.exitCode == 4)
    }

    @Test func aVoidBlockDoesNotShiftWhichMachineTheOthersHad() throws {
        var builder = JournalBuilder(blocks: 32, knobs: [])
        let whole = journal(effect: 1)
        builder.journal.header = whole.header
        builder.journal.header.plan.suite.cells[0].name = "pipe/1w1r/64KiB/none"
        for round in whole.rounds { builder.journal.add(.round(round)) }
        // The first boot of the first round has a void block more.
        builder.add(5) { slice in
            slice.round = 0
            guard slice.block == 0, slice.position == 2 else { return }
            slice.validity = Validity([.unpressured: "x"])
        }
        let blocks = builder.journal.blocks[0]
        #expect(blocks.allSatisfy { $0.isSwapped != nil })
        let first = blocks[0].isSwapped == true
        #expect(blocks.map { $0.isSwapped == true } == [first, first, first, !first, !first])
    }

    @Test func documentsFollowTheirSchema() throws {
        let validator = SchemaValidator(
            root: try LineCodec.decode(JSONValue.self, from: ReportFormat.schemaText.utf8))
        let document = try VerdictReport(journal(effect: 1)).document
        let value = try LineCodec.decode(JSONValue.self, from: LineCodec.encode(document))
        #expect(validator.problems(value) == [])
        let difference = try #require(value.at("cells.0.evidence.machine_difference_percent"))
        #expect(difference != .null)
    }
}
