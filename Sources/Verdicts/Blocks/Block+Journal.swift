// SPDX-License-Identifier: GPL-3.0-or-later

import Journal

extension StoredJournal {
    /// Each cell's blocks, in the order of the suite and in the order in which they ran; slices
    /// without a block are left out.
    public var blocks: [[Block]] {
        let places = slicePlaces
        return Parallel.map(places.count) { blocks(of: $0, at: places[$0]) }
    }

    /// The blocks of a cell by its name; none of one that the suite lacks.
    public func blocks(of cell: String) -> [Block] {
        let place = header.suite.cells.firstIndex { $0.name == cell }
        return place.map { blocks(of: $0, at: slicePlaces[$0]) } ?? []
    }

    /// The blocks of the cell at a place in the suite.
    ///
    /// - Parameter places: those of its slices in the journal.
    private func blocks(of cell: Int, at places: [Int]) -> [Block] {
        let voidRounds = Set(voidRounds.map(\.round))
        let firstBlock = firstBlocks[header.suite.cells[cell].name] ?? 0
        let countsInstructions = header.countsInstructions
        var crossover = Crossover(self)
        var blocks: [Block] = []
        var rest = places[...]
        while let first = rest.first {
            let number = slices[first].block
            let end = rest.firstIndex { slices[$0].block != number } ?? rest.endIndex
            if let number {
                let slices = slices(at: rest[..<end])
                var block = Block(
                    number: number, slices: slices, firstBlock: firstBlock,
                    isInVoidRound: slices.first?.round.map(voidRounds.contains) ?? false,
                    countsInstructions: countsInstructions)
                block.isSwapped = crossover?.isSwapped(in: block)
                blocks.append(block)
            }
            rest = rest[end...]
        }
        return blocks
    }

    /// The slices at these places: those of the journal, and no copy, where they stand side by side.
    private func slices(at places: ArraySlice<Int>) -> ArraySlice<SliceSummary> {
        guard let first = places.first, let last = places.last, last - first < places.count else {
            return places.map { slices[$0] }[...]
        }
        return slices[first...last]
    }
}
