// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Testing

@testable import Journal
@testable import Protocol

struct BlockRecordTests {
    private func slices(
        _ count: Int, block: Int, void: Int? = nil, warmup: Bool? = nil
    ) -> [SliceRecord] {
        (0..<count).map { position in
            var slice = Samples.slice(visit: block * 4 + position)
            slice.arm = position % 3 == 0 ? .a : .b
            slice.block = block
            slice.position = position
            slice.warmup = warmup
            if position == void { slice.validity = Validity([.empty: "nothing"]) }
            return slice
        }
    }

    @Test func aBlockCountsWhenAllFourSlicesDo() {
        func state(_ slices: [SliceRecord], first: Int = 0) -> BlockRecord.State {
            BlockRecord(number: 1, slices: slices, firstBlock: first).state
        }
        #expect(state(slices(4, block: 1)) == .counted)
        #expect(state(slices(4, block: 1, void: 2)) == .void)
        #expect(state(slices(3, block: 1)) == .incomplete)
        #expect(state(slices(4, block: 1, void: 0, warmup: true)) == .warmup)
        #expect(state(slices(4, block: 1), first: 2) == .warmup)
    }

    @Test func aJournalsBlocksAreThoseOfEachCellInTheirOrder() {
        var journal = StoredJournal(header: Samples.header(cells: ["a", "b"]))
        for block in 0..<3 {
            for cell in ["a", "b"] {
                for var slice in slices(block == 2 ? 2 : 4, block: block) {
                    slice.cell = cell
                    journal.add(.slice(slice))
                }
            }
        }
        journal.add(.warmupExtended(.init(cell: "b", firstBlock: 1)))
        #expect(journal.blocks(of: "a").map(\.state) == [.counted, .counted, .incomplete])
        #expect(journal.blocks(of: "b").map(\.state) == [.warmup, .counted, .incomplete])
        #expect(journal.blocks(of: "b").map(\.number) == [0, 1, 2])
        #expect(journal.blocks(of: "c").isEmpty)
    }

    @Test func aFailureOnOneArmStaysWhenTheOtherArmRuns() {
        var journal = StoredJournal(header: Samples.header(cells: ["a"]))
        journal.add(.cellFailed(.init(cell: "a", arm: .b, visit: 0, error: .failure("no"))))
        var slice = Samples.slice("a")
        slice.arm = .a
        journal.add(.slice(slice))
        #expect(journal.failures.map(\.arm) == [.b])
        slice.arm = .b
        journal.add(.slice(slice))
        #expect(journal.failures.isEmpty)
    }
}
