// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics
import Testing

@testable import Reports
@testable import Verdicts

/// The metric `pmu`: a PMU counts, and blocks are judged.
@Suite struct CountedInstructionsTests {
    /// Instructions per operation of eight slices a recorded placebo had, pipe on one CPU.
    private static let recorded = [
        41448.2, 41451.9, 41440.7, 41455.3, 41446.1, 41449.8, 41443.5, 41452.6,
    ]

    /// A toggle whose B takes so many times the instructions of A, and half the time.
    private func journal(
        _ ratio: Double, cells: [String] = ["pipe/x/none"], seed: UInt64 = 7,
        change: JournalBuilder.Change = { _ in }
    ) -> StoredJournal {
        var builder = JournalBuilder(cells: cells, rule: .fixed, blocks: 8, seed: seed)
        builder.journal.header.plan.metric = .pmu
        for cell in cells {
            var place = Int(seed)
            builder.add(8, of: cell, effect: 2) { slice in
                let each = Self.recorded[place % 8] * (slice.arm == .b ? ratio : 1)
                place += 3
                slice.evidence.perf = [
                    "kernel_instructions": Int64(each * Double(slice.operations))
                ]
                change(&slice)
            }
        }
        return builder.ended()
    }

    @Test func fewerInstructionsAreAnImprovementWhateverTheTimeSays() throws {
        let report = try VerdictReport(journal(0.99))
        let cell = report.cells[0]
        #expect(cell.outcome == .improved)
        #expect(abs(try #require(cell.effect) + 1) < 0.02)
        #expect(try #require(cell.evidence["block_sd_percent"]) < 0.05)
        #expect(report.exitCode == 0)
        let document = try report.json()
        #expect(document.at("experiment.metric") == .text("pmu"))
        #expect(document.at("cells.0.unit") == .text("instructions/operation"))
        let a = try #require(
            document.at("cells.0.arms.A.instructions_per_operation")?.double)
        #expect(abs(a - 41448) < 10)
        let text = report.text().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains(" instr/op "))
        #expect(text.contains("; block SD 0.0"))
        #expect(text.contains("; fewer are better"))
    }

    @Test func moreInstructionsAreARegressionInEachOfSeveralCells() throws {
        let report = try VerdictReport(journal(1.01, cells: ["pipe/x/none", "dio/y/none"]))
        #expect(report.cells.map(\.outcome) == [.regressed, .regressed])
        #expect(report.cells.allSatisfy { $0.metric == .instructions })
        #expect(report.exitCode == 3)
    }

    @Test func aPlaceboIsEquivalent() throws {
        #expect(try VerdictReport(journal(1)).cells[0].outcome == .equivalent)
    }

    @Test func whatInterruptsAddWithTimeIsNoDifference() throws {
        let cell = try VerdictReport(journal(1.0004)).cells[0]
        #expect(try #require(cell.p) < 0.01)
        #expect(cell.outcome == .equivalent)
        #expect(cell.tags.contains("below-resolution"))
    }

    @Test func slicesWithoutACountHaveNoFigure() throws {
        let cell = try VerdictReport(journal(1) { $0.evidence.perf = nil }).cells[0]
        #expect(cell.outcome == .invalid)
        #expect(cell.tags.contains("no-rate"))
    }

    @Test func slicesWhoseCounterTookTurnsAreVoid() throws {
        let report = try VerdictReport(
            journal(1) { slice in
                if slice.number == 3 {
                    slice.validity = Validity([.uncounted: "in 61% of the time"])
                }
            })
        #expect(report.cells[0].voidBlocks > 0)
        #expect(
            report.text().contains("void: uncounted, A 1, B 1, for example: in 61% of the time"))
    }

    @Test func twoJournalsAreComparedByTheirEffectsOnInstructions() throws {
        let (base, better) = (journal(1), journal(0.98, seed: 9))
        let comparison = try JournalComparison(base, better)
        #expect(comparison.cells[0].outcome == .improved)
        #expect(abs(try #require(comparison.cells[0].effect) + 2) < 0.05)
        #expect(try comparison.json().at("experiment.metric") == .text("pmu"))
        var timed = base
        timed.header.plan.metric = .time
        let error = #expect(throws: JournalComparison.NotComparable.self) {
            try JournalComparison(base, timed)
        }
        #expect(error?.reasons == ["the metric differs: pmu and time"])
    }

    private func run(_ each: Double, number: UInt64) -> StoredJournal {
        var journal = JournalBuilder.run(operations: 1000, number: number)
        journal.header.plan.metric = .pmu
        for index in journal.slices.indices {
            journal.slices[index].instructions = UInt64(1000 * each) + UInt64(index)
        }
        return journal
    }

    @Test func aRunShowsThemPerCell() throws {
        let journal = run(41448, number: 1)
        #expect(RunReport(journal, exitCode: 0).text().contains("  kernel  41448.0 instr/op  0.0"))
        let document = try LineCodec.encode(RunReport(journal, exitCode: 0).document)
        let text = String(decoding: document, as: UTF8.self)
        #expect(text.contains(#""metric":"pmu""#))
        #expect(text.contains(#""metric":"instructions""#))
        #expect(text.contains(#""instructions_per_operation":41448.001"#))
    }

    @Test func runsAreJudgedByEarlierRunsOnInstructions() throws {
        let runs = (2..<10).map { number in
            let each = 41448 * (1 + 0.0001 * Double(number % 3))
            return RunHistory.Run(
                run(each, number: UInt64(number)), name: "\(number)")
        }
        let (a, b) = (
            run(41448, number: 11), run(43000, number: 12)
        )
        let history = try RunHistory(runs, besides: [])
        let comparison = try JournalComparison(a, b, history: history)
        #expect(comparison.cells[0].outcome == .regressed)
        #expect(comparison.text().contains("41448.0 instr/op"))
    }
}
