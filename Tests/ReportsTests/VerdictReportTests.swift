// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import Statistics
import Testing

@testable import Reports
@testable import Verdicts

struct VerdictReportTests {
    private func cell(_ builder: JournalBuilder) throws -> CellVerdict {
        try #require(try VerdictReport(builder.ended()).cells.first)
    }

    @Test(arguments: [
        (1.05, Verdict.Outcome.improved, Int32(0)), (0.95, .regressed, 3), (1.0, .equivalent, 0),
    ])
    func aKnownEffectHasItsVerdict(effect: Double, outcome: Verdict.Outcome, code: Int32) throws {
        var builder = JournalBuilder()
        builder.add(24, effect: effect)
        let report = try VerdictReport(builder.ended())
        let cell = report.cells[0]
        #expect(cell.outcome == outcome)
        #expect(report.exitCode == code)
        #expect(abs(try #require(cell.effect) - 100 * (effect - 1)) < 1)
        #expect(cell.adjustedP == cell.p)
    }

    @Test func manyNoisyBlocksLeaveItOpenAndSayHowManyDecide() throws {
        var builder = JournalBuilder()
        builder.add(24, noise: 0.2)
        var report = try VerdictReport(builder.ended())
        #expect(report.cells[0].outcome == .inconclusive)
        guard case .blocks(let needed)? = report.cells[0].needed else {
            Issue.record("\(report.cells[0].needed as Any)")
            return
        }
        #expect(needed > 24)
        #expect(report.exitCode == 4)
        report.inconclusiveIsOK = true
        #expect(report.exitCode == 0)
    }

    @Test func aRegressionIsToldBeforeAnInvalidCell() throws {
        var builder = JournalBuilder(cells: ["pipe/a", "pipe/b"])
        builder.add(24, of: "pipe/a", effect: 0.9)
        builder.add(24, of: "pipe/b") { $0.operations = 0 }
        let report = try VerdictReport(builder.ended())
        #expect(report.cells.map(\.outcome) == [.regressed, .invalid])
        #expect(report.exitCode == 3)
    }

    @Test func aRateOfZeroOrNoNumberIsInvalid() throws {
        for interval in [UInt64(0), 500_000_000] {
            var builder = JournalBuilder()
            builder.add(23)
            builder.add(1) { slice in
                slice.operations = 0
                slice.interval = interval
            }
            let cell = try cell(builder)
            #expect(cell.outcome == .invalid)
            #expect(cell.error?.message.contains("not a number above zero: block 23") == true)
            #expect(try VerdictReport(builder.ended()).exitCode == 5)
        }
    }

    @Test func onlyVoidSlicesAreInvalid() throws {
        var builder = JournalBuilder()
        builder.add(10) { $0.validity = Validity([.unpressured: "3 pages"]) }
        let cell = try cell(builder)
        #expect(cell.outcome == .invalid)
        #expect(cell.error?.message == "all 10 blocks are void")
        #expect(cell.voidDetails == ["unpressured": "3 pages"])
        #expect(cell.effect == nil)
    }

    @Test func whereAllRoundsAreVoidTheLossIsTheError() throws {
        for reasons: [Validity.Reason: String] in [[:], [.workerFailed: "gone"]] {
            var builder = JournalBuilder()
            builder.add(6) { slice in
                slice.round = 0
                if slice.block == 5, slice.arm == .b { slice.validity = Validity(reasons) }
            }
            builder.journal.add(
                .roundVoid(.init(round: 0, arm: .b, error: .failure("the guest's kernel paniced")))
            )
            let cell = try cell(builder)
            #expect(cell.outcome == .invalid)
            #expect(cell.error?.message == "the guest's kernel paniced")
            #expect(cell.tags.contains("lost-b"))
        }
    }

    @Test func voidsThatFallOnBothArmsLeaveTheVerdictAndAreCounted() throws {
        var builder = JournalBuilder(blocks: 26)
        builder.add(24, effect: 1.05)
        builder.add(2, effect: 3) { $0.validity = Validity([.unpressured: "3 pages"]) }
        let cell = try cell(builder)
        #expect(cell.outcome == .improved)
        #expect(cell.voidBlocks == 2)
        #expect(cell.arms.map(\.total.reasons) == [["unpressured": 4], ["unpressured": 4]])
        #expect(try #require(cell.evidence["effect_with_voids_percent"]) > 10)
        #expect(try #require(cell.effect) < 6)
    }

    @Test func voidsOnOneArmAreInvalid() throws {
        var builder = JournalBuilder(blocks: 40)
        builder.add(30, effect: 1.05)
        builder.add(10) { slice in
            if slice.arm == .b { slice.validity = Validity([.oomKill: "1"]) }
        }
        let cell = try cell(builder)
        #expect(cell.outcome == .invalid)
        #expect(cell.error?.message.contains("A 0, B 20") == true)
        #expect(cell.tags.contains("uneven-voids"))
    }

    @Test func corruptDataAreInvalidHoweverFewSlicesHaveThem() throws {
        var builder = JournalBuilder(blocks: 25)
        builder.add(24, effect: 1.05)
        builder.add(1) { $0.validity = Validity([.corruption: "at 4096"]) }
        #expect(try cell(builder).outcome == .invalid)
        #expect(try cell(builder).error?.message.contains("at 4096") == true)
    }

    @Test func aCellThatFailsOnOneArmAloneIsInvalidWithItsError() throws {
        var builder = JournalBuilder()
        builder.add(24, effect: 1.05)
        builder.journal.add(
            .cellFailed(
                .init(
                    cell: "pipe/1w1r/64KiB/none", arm: .b, number: 48,
                    error: .failure("EINVAL", remedy: "look at dmesg"))))
        let cell = try cell(builder)
        #expect(cell.outcome == .invalid)
        #expect(
            cell.error
                == .failure("it failed on arm B and not on A: EINVAL", remedy: "look at dmesg"))
        #expect(cell.tags.contains("failed-on-b"))
    }

    @Test func aMissingArmIsInvalid() throws {
        var builder = JournalBuilder()
        builder.add(10) { $0.arm = .a }
        var journal = builder.ended()
        #expect(try VerdictReport(journal).cells[0].error?.message == "arm B was never measured")
        journal.slices.removeAll { $0.position != 0 }
        #expect(try VerdictReport(journal).cells[0].outcome == .invalid)
    }

    @Test func aJournalWithOneArmIsRefused() throws {
        #expect(throws: PlumblineError.self) {
            try VerdictReport(JournalBuilder.run(operations: 1))
        }
    }

    @Test func whatWasNotMeasuredIsInconclusive() throws {
        let report = try VerdictReport(JournalBuilder().journal)
        #expect(report.cells[0].outcome == .inconclusive)
        #expect(report.exitCode == 4)
        var one = JournalBuilder()
        one.add(1)
        #expect(try cell(one).outcome == .inconclusive)
        #expect(try cell(one).tags.contains("too-early"))
    }

    @Test func warmupsAndUnfinishedBlocksDoNotCount() throws {
        var builder = JournalBuilder(blocks: 30)
        builder.add(1, effect: 5, warmup: true)
        builder.add(2, effect: 5)
        builder.add(24, effect: 1)
        builder.journal.add(.warmupExtended(.init(cell: "pipe/1w1r/64KiB/none", firstBlock: 3)))
        builder.add(1, effect: 5)
        builder.journal.slices.removeLast()
        let cell = try cell(builder)
        #expect(cell.outcome == .equivalent)
        #expect(cell.incompleteBlocks == 1)
        #expect(abs(try #require(cell.effect)) < 1)
    }

    @Test func ofManyCellsADifferenceHasToOutlastTheAdjustment() throws {
        let names = (0..<12).map { "pipe/\($0)" }
        var matrix = JournalBuilder(cells: names, rule: .fixed)
        for name in names {
            matrix.add(24, of: name, effect: name == names[0] ? 1.011 : 1, noise: 0.02)
        }
        var lone = matrix
        lone.journal.header.plan.suite.cells.removeLast(names.count - 1)
        lone.journal.slices.removeAll { $0.cell != names[0] }
        let alone = try cell(lone)
        let among = try VerdictReport(matrix.ended()).cells[0]
        #expect(alone.p == among.p)
        #expect(alone.outcome == .improved)
        #expect(try #require(among.adjustedP) > 0.05)
        #expect(among.outcome != .improved)
        #expect(among.tags.contains("not-after-adjustment"))
    }

    @Test func whatTheAdjustmentMakesADifferenceHasTheTagsOfOneAndWhatItTakesBackHasNot() throws {
        // Beside a sure difference a cell needs less than its share of the level.
        let names = ["pipe/sure", "pipe/near"]
        var (promoted, demoted) = (0, 0)
        for seed in 1...40 {
            var builder = JournalBuilder(cells: names, blocks: 24, knobs: [], seed: UInt64(seed))
            builder.add(24, of: names[0], effect: 1.2, noise: 0.02)
            builder.add(24, of: names[1], effect: 1.008, noise: 0.02)
            let near = try VerdictReport(builder.ended()).cells[1]
            let isShown = near.outcome == .imagesDiffer
            #expect(near.outcome != .improved)
            let level = try #require(near.evidence["decision_level"])
            if isShown, try #require(near.p) > level { promoted += 1 }
        }
        for seed in 1...10 {
            let names = (0..<12).map { "pipe/\($0)" }
            var builder = JournalBuilder(
                cells: names, rule: .fixed, knobs: [], seed: UInt64(seed))
            for name in names { builder.add(24, of: name, effect: 1.008, noise: 0.02) }
            for cell in try VerdictReport(builder.ended()).cells
            where cell.tags.contains("not-after-adjustment") {
                demoted += 1
                #expect(cell.outcome != .imagesDiffer)
                #expect(!cell.tags.contains("cross-check-disagrees"))
            }
        }
        #expect(promoted > 0)
        #expect(demoted > 0)
    }

    @Test func overTwentyCellsTheSelectedOnesHaveWiderIntervals() throws {
        let names = (0..<25).map { "pipe/\($0)" }
        var builder = JournalBuilder(cells: names, rule: .fixed)
        for name in names { builder.add(12, of: name, effect: name == names[3] ? 1.2 : 1) }
        let report = try VerdictReport(builder.ended())
        #expect(report.cells[3].outcome == .improved)
        let selected = report.cells.count { ($0.adjustedP ?? 1) <= 0.05 }
        let confidence = try #require(report.cells[3].interval?.confidence)
        #expect(abs(confidence - (1 - 0.05 * Double(selected) / 25)) < 1e-12)
        #expect(report.text().contains("Benjamini"))
    }

    @Test func aDifferenceThatStopsABudgetAmongCellsOutlastsTheAdjustment() throws {
        // Bounds that many cells share make no decision that the adjustment takes back.
        for seed in 1...8 {
            let names = (0..<6).map { "pipe/\($0)" }
            var builder = JournalBuilder(cells: names, blocks: 16, seed: UInt64(seed))
            for name in names { builder.add(16, of: name, effect: 1.012, noise: 0.02) }
            for cell in try VerdictReport(builder.ended()).cells {
                #expect(!cell.tags.contains("not-after-adjustment"))
            }
        }
    }

    @Test func theOpenEndedRuleIsJudgedToo() throws {
        var builder = JournalBuilder(rule: .untilDecided)
        builder.add(24, effect: 1.05)
        let cell = try cell(builder)
        #expect(cell.outcome == .improved)
        var early = JournalBuilder(rule: .untilDecided)
        early.add(3, noise: 0.3)
        let open = try self.cell(early)
        #expect(open.interval == nil && open.noLargerThan == nil)
        _ = try LineCodec.encode(try VerdictReport(early.ended()).document)
    }

    @Test func theDocumentIsAsPromised() throws {
        var builder = JournalBuilder()
        builder.add(24, effect: 1.05, latency: true)
        let report = try VerdictReport(builder.ended())
        let line = try LineCodec.encode(report.document)
        let text = String(decoding: line, as: UTF8.self)
        for key in [
            "schema", "experiment", "cells", "summary", "exit_code", "name", "workload", "pressure",
            "metric", "unit", "arms", "rate_per_second", "bytes_per_second", "latency_ns",
            "reader_latency_ns", "slices", "voids", "effect_percent", "interval_percent",
            "confidence", "p_value", "p_adjusted", "blocks", "rounds", "verdict",
            "no_difference_larger_than_percent", "mde80_percent", "blocks_needed", "tags",
            "evidence", "metric", "kernel_release", "build_id", "cpus", "memory_bytes", "target",
        ] {
            #expect(text.contains("\"\(key)\":"), "\(key)")
        }
        #expect(!text.contains("null"))
        let arm = try #require(try report.json().at("cells.0.arms.B"))
        #expect(arm.at("latency_ns.p50") == .integer(45_023))
        #expect(arm["slices"] == .integer(48))
    }
}
