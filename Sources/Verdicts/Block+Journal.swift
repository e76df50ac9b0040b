// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Protocol

extension StoredJournal {
    /// Each cell's blocks, in the order of the suite and in the order in which they ran; slices
    /// without a block are left out.
    public var blocks: [[Block]] {
        let places = Dictionary(
            header.suite.cells.enumerated().map { ($1.name, $0) }
        ) { first, _ in first }
        return Block.sorted(
            slices.compactMap { slice in places[slice.cell].map { SliceSummary(slice, cell: $0) } },
            header, firstBlocks: firstBlocks, voidRounds: voidRounds)
    }

    /// The blocks of a cell by its name; none of one that the suite lacks.
    public func blocks(of cell: String) -> [Block] {
        header.suite.cells.firstIndex { $0.name == cell }.map { blocks[$0] } ?? []
    }
}

extension JournalDigest {
    /// Each cell's blocks, in the order of the suite and in the order in which they ran.
    public var blocks: [[Block]] {
        Block.sorted(slices, header, firstBlocks: firstBlocks, voidRounds: voidRounds)
    }
}

extension Block {
    /// Sorts a journal's slices by cell and block.
    fileprivate static func sorted(
        _ slices: [SliceSummary], _ header: JournalHeader, firstBlocks: [String: Int],
        voidRounds: [RoundVoid]
    ) -> [[Block]] {
        let cells = header.suite.cells
        let voidRounds = Set(voidRounds.map(\.round))
        let countsInstructions = header.countsInstructions
        var blocks = [[Block]](repeating: [], count: cells.count)
        var open = [[SliceSummary]](repeating: [], count: cells.count)
        func close(_ cell: Int) {
            guard let first = open[cell].first, let number = first.block else { return }
            blocks[cell].append(
                Block(
                    number: number, slices: open[cell],
                    firstBlock: firstBlocks[cells[cell].name] ?? 0,
                    isInVoidRound: first.round.map(voidRounds.contains) ?? false,
                    countsInstructions: countsInstructions))
            open[cell].removeAll()
        }
        for slice in slices where slice.block != nil {
            if open[slice.cell].first?.block != slice.block { close(slice.cell) }
            open[slice.cell].append(slice)
        }
        for cell in cells.indices { close(cell) }
        return blocks
    }
}
