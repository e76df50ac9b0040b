// SPDX-License-Identifier: GPL-3.0-or-later

import Journal

extension StoredJournal {
    /// Each cell's blocks, in the order of the suite and in the order in which they ran; slices
    /// without a block are left out.
    public var blocks: [[Block]] {
        let voidRounds = Set(voidRounds.map(\.round))
        let countsInstructions = header.countsInstructions
        var blocks = [[Block]](repeating: [], count: header.suite.cells.count)
        var open = [[SliceSummary]](repeating: [], count: blocks.count)
        var crossovers = [Crossover?](repeating: Crossover(self), count: blocks.count)
        func close(_ place: Int) {
            guard let first = open[place].first, let number = first.block else { return }
            var block = Block(
                number: number, slices: open[place], firstBlock: firstBlocks[first.cell] ?? 0,
                isInVoidRound: first.round.map(voidRounds.contains) ?? false,
                countsInstructions: countsInstructions)
            block.isSwapped = crossovers[place]?.isSwapped(in: block)
            blocks[place].append(block)
            open[place].removeAll()
        }
        for slice in slices where slice.block != nil {
            if open[slice.place].first?.block != slice.block { close(slice.place) }
            open[slice.place].append(slice)
        }
        for place in blocks.indices { close(place) }
        return blocks
    }

    /// The blocks of a cell by its name; none of one that the suite lacks.
    public func blocks(of cell: String) -> [Block] {
        header.suite.cells.firstIndex { $0.name == cell }.map { blocks[$0] } ?? []
    }
}
