// SPDX-License-Identifier: GPL-3.0-or-later

import Journal

extension StoredJournal {
    /// Each cell's blocks, in the order of the suite and in the order in which they ran; slices
    /// without a block are left out.
    ///
    /// Those of a long journal take much memory: ask for one cell after the other where that does.
    public var blocks: [[Block]] {
        Parallel.map(header.suite.cells.count, work: blocks(at:))
    }

    /// The blocks of a cell by its name; none of one that the suite lacks.
    public func blocks(of cell: String) -> [Block] {
        header.suite.cells.firstIndex { $0.name == cell }.map(blocks(at:)) ?? []
    }

    /// The blocks of the cell at a place in the suite.
    public func blocks(at cell: Int) -> [Block] { blocks(of: slices(of: cell), at: cell) }

    /// The same of its slices.
    func blocks(of slices: [SliceSummary], at cell: Int) -> [Block] {
        let voidRounds = Set(voidRounds.map(\.round))
        let firstBlock = firstBlocks[header.suite.cells[cell].name] ?? 0
        let countsInstructions = header.countsInstructions
        var crossover = Crossover(self)
        var blocks: [Block] = []
        var rest = slices[...]
        while let number = rest.first.map(\.block) {
            let slices = rest.prefix { $0.block == number }
            rest = rest[slices.endIndex...]
            guard let number else { continue }
            var block = Block(
                number: number, slices: slices, firstBlock: firstBlock,
                isInVoidRound: slices.first?.round.map(voidRounds.contains) ?? false,
                countsInstructions: countsInstructions)
            block.isSwapped = crossover?.isSwapped(in: block)
            blocks.append(block)
        }
        return blocks
    }
}
