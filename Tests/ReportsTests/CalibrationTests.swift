// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Testing

@testable import Reports
@testable import Verdicts

struct CalibrationTests {
    private func placebo(_ cells: [String], blocks: Int) -> StoredJournal {
        var builder = JournalBuilder(
            cells: cells, rule: .fixed,
            knobs: [.init(kind: .setting, target: "timing", a: "op", b: "op")])
        for cell in cells { builder.add(blocks, of: cell, noise: 0.05) }
        return builder.ended()
    }

    @Test func aPlaceboWithSoundNoiseLiesInItsBand() throws {
        let names = ["pipe/a", "pipe/b", "pipe/c", "pipe/d"]
        let record = try Calibration(placebo(names, blocks: 40)).record(seed: 5)
        #expect(record.comparisons == 200)
        #expect(record.isInBand, "\(record.rejections)")
        #expect(record.fewest...record.most == 4...16)
        #expect(record.cells.map(\.name) == names)
        #expect(record.cells.allSatisfy { $0.comparisons == 50 && $0.blocks == 40 })
        // A slice's noise of 5 %, two slices an arm.
        #expect(abs(try #require(record.cells[0].blockDeviation) - 5) < 1.5)
        let sixty = try #require(record.cells[0].detectableIn60)
        #expect(sixty > 2 && sixty < 5)
        #expect(try #require(record.cells[0].detectableIn300) < sixty / 2)
        #expect(try Calibration(placebo(names, blocks: 40)).record(seed: 5) == record)
    }

    @Test func aBiasOfTheArmsDoesNotOutlastTheRelabelling() throws {
        var builder = JournalBuilder(
            rule: .fixed, knobs: [.init(kind: .setting, target: "timing", a: "op", b: "op")])
        builder.add(40, effect: 1.01, noise: 0.05)
        let record = try Calibration(builder.ended()).record(seed: 1)
        #expect(record.isInBand)
    }

    @Test func aJournalWhoseArmsDifferIsRefused() throws {
        var builder = JournalBuilder()
        builder.add(24)
        #expect(throws: PlumblineError.self) { try Calibration(builder.ended()) }
    }

    @Test func tooFewBlocksAreRefusedAndOneShortCellIsLeftOut() throws {
        #expect(throws: PlumblineError.self) {
            try Calibration(placebo(["pipe/a"], blocks: 4)).record(seed: 1)
        }
    }

    @Test func theTableReadsWell() throws {
        let names = ["pipe/a", "dio/randread/4KiB/qd32/io_uring/storage=zram:ext4/memcg"]
        let record = try Calibration(placebo(names, blocks: 12)).record(seed: 5)
        let text = record.text()
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(text.contains("of 200 comparisons found a difference"))
        #expect(text.contains("MDE80"))
    }
}
