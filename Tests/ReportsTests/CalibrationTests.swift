// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Testing

@testable import Reports
@testable import Verdicts

struct CalibrationTests {
    /// A placebo's journal with a guard of 10 ms.
    ///
    /// - Parameters:
    ///   - slice: milliseconds.
    ///   - pause: from the end of a slice to the begin of the next, milliseconds.
    private func placebo(
        _ cells: [String], blocks: Int, slice: UInt64 = 500, pause: UInt64 = 0
    ) -> StoredJournal {
        var builder = JournalBuilder(
            cells: cells, rule: .fixed,
            knobs: [.init(kind: .setting, target: "timing", a: "op", b: "op")])
        builder.journal.header.plan.comparison?.placeboUnits = 5
        builder.journal.header.plan.suite.slice = Int(slice) * 1_000_000
        builder.journal.header.plan.suite.guardTime = 10_000_000
        var clock: UInt64 = 1
        for cell in cells {
            builder.add(blocks, of: cell, noise: 0.05) {
                $0.interval = slice * 1_000_000
                $0.startedAt = clock + pause * 1_000_000
                clock = $0.startedAt + $0.interval
            }
        }
        return builder.ended()
    }

    private static let names = ["pipe/a", "pipe/b", "pipe/c"]

    @Test func aPlaceboWithSoundNoiseLiesInItsBand() throws {
        let names = ["pipe/a", "pipe/b", "pipe/c", "pipe/d"]
        let record = try Calibration(placebo(names, blocks: 40)).record(seed: 5)
        let tail = record.tail
        #expect(tail.comparisons == 200)
        #expect(tail.fewest...tail.most == 4...16)
        #expect(tail.fewest...tail.most ~= tail.rejections, "\(tail.rejections)")
        #expect(!record.findsTooMuch)
        #expect(record.placebos.cells.map(\.comparisons) == [8, 8, 8, 8])
        #expect(record.cells.map(\.name) == names)
        #expect(record.cells.allSatisfy { $0.shuffled == 50 && $0.blocks == 40 })
        // A slice's noise of 5 %, two slices an arm.
        #expect(abs(try #require(record.cells[0].blockDeviation) - 5) < 1.5)
        let sixty = try #require(record.cells[0].detectableIn60)
        #expect(sixty > 2 && sixty < 5)
        #expect(try #require(record.cells[0].detectableIn300) < sixty / 2)
        #expect(try Calibration(placebo(names, blocks: 40)).record(seed: 5) == record)
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

    @Test func timeThatIsNotMeasuredCountsAgainstALength() throws {
        // The same values: only the pauses between slices differ.
        let journal = placebo(Self.names, blocks: 40, slice: 50, pause: 50)
        let others = [
            placebo(Self.names, blocks: 40, slice: 100, pause: 10),
            placebo(Self.names, blocks: 40, slice: 20, pause: 10),
        ]
        let record = try Calibration(journal, others: others).record(seed: 1)
        let lengths = record.lengths
        #expect(lengths.map(\.slice) == [20_000_000, 50_000_000, 100_000_000])
        let shares = lengths.compactMap(\.measuredShare)
        for (share, expected) in zip(shares, [2.0 / 3, 0.5, 10.0 / 11]) {
            #expect(abs(share - expected) < 0.01)
        }
        let deviations = lengths.compactMap { $0.cells[0].blockDeviation }
        for deviation in deviations { #expect(abs(deviation - deviations[0]) < 1e-9) }
        let medians = lengths.compactMap(\.median)
        #expect(medians[0] < medians[1] && medians[1] < medians[2])
        #expect(record.bestSlice == 20_000_000)
        #expect(record.slice == 50_000_000)
        #expect(lengths[1].cells.map(\.detectable) == record.cells.map(\.detectableIn60))
        let text = record.text()
        #expect(text.contains("best here: slices of 20ms (median"))
        #expect(text.contains("the default of 50ms:"))
    }

    @Test func aLengthWithTooFewBlocksIsSaidAndNotCompared() throws {
        let short = placebo(Self.names, blocks: 3, slice: 20)
        let record = try Calibration(placebo(Self.names, blocks: 12, slice: 50), others: [short])
            .record(seed: 1)
        #expect(record.bestSlice == 50_000_000)
        #expect(record.lengths[0].cells.map(\.blocks) == [3, 3, 3])
        #expect(record.lengths[0].median == nil)
        #expect(record.text().contains("too few blocks with slices of 20ms"))
        #expect(record.text().contains("best here: slices of 50ms, the default (median"))
    }

    @Test func aCellThatRunsAtNoLengthIsLeftOutOfTheMedian() throws {
        var journal = placebo(Self.names, blocks: 12, slice: 50)
        journal.slices.removeAll { $0.cell != Self.names[0] }
        let length = try #require(Calibration(journal).record(seed: 1).lengths.first)
        #expect(length.median == length.cells[0].detectable)
    }

    @Test func theTableReadsWell() throws {
        let names = ["pipe/a", "dio/randread/4KiB/qd32/io_uring/storage=zram:ext4/memcg"]
        let record = try Calibration(placebo(names, blocks: 12)).record(seed: 5)
        let text = record.text()
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(text.contains("A/A comparisons: \(record.placebos.rejections) of 4 found"))
        #expect(text.contains("a check of the t's tail, with shuffled"))
        #expect(text.contains("MDE80"))
    }
}
