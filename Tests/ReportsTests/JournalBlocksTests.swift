// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Testing
import Verdicts

struct JournalBlocksTests {
    @Test func aJournalsBlocksAreThoseOfEachCellInTheirOrder() {
        var builder = JournalBuilder(cells: ["a", "b"])
        for _ in 0..<3 {
            for cell in ["a", "b"] { builder.add(1, of: cell) }
        }
        var journal = builder.journal
        journal.slices.removeAll { $0.block == 2 && ($0.position ?? 0) > 1 }
        journal.add(.warmupExtended(.init(cell: "b", firstBlock: 1)))
        let (a, b) = (journal.blocks[0], journal.blocks[1])
        #expect(a.map(\.state.isCounted) == [true, true, false])
        #expect(b.map(\.state.isCounted) == [false, true, false])
        #expect(b.map(\.number) == [0, 1, 2])
        #expect(b[0].state == .warmup)
        #expect(a[2].state == .incomplete && b[2].state == .incomplete)
    }

    @Test func aBlockAmongWhoseSlicesOthersRanIsWhole() {
        var builder = JournalBuilder(cells: ["a", "b"])
        for cell in ["a", "b"] { builder.add(2, of: cell) }
        var journal = builder.journal
        let (a, b) = (journal.slices[..<8], journal.slices[8...])
        let blocks = journal.blocks
        journal.slices = zip(a, b).flatMap { [$0, $1] }
        for (mixed, plain) in zip(journal.blocks.joined(), blocks.joined()) {
            #expect(mixed.slices.elementsEqual(plain.slices) && mixed.state == plain.state)
        }
        #expect(journal.blocks.map(\.count) == [2, 2])
    }

    @Test func aFailureOnOneArmStaysWhenTheOtherArmRuns() {
        var journal = JournalBuilder(cells: ["a"]).journal
        journal.add(.cellFailed(.init(cell: "a", arm: .b, number: 0, error: .failure("no"))))
        var slice = JournalBuilder.slice("a", 100)
        slice.arm = .a
        journal.add(.slice(slice))
        #expect(journal.failures.map(\.arm) == [.b])
        slice.arm = .b
        journal.add(.slice(slice))
        #expect(journal.failures.isEmpty)
    }
}
