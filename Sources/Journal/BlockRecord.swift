// SPDX-License-Identifier: GPL-3.0-or-later

import Protocol

/// The slices of one block of one cell, and what the block is good for.
public struct BlockRecord: Sendable, Equatable {
    /// Slices in a whole block.
    public static let length = 4

    /// What a block is good for.
    public enum State: Sendable, Equatable {
        /// It counts.
        case counted
        /// It belongs to the warm-up.
        case warmup
        /// At least one of its slices is void.
        case void
        /// It ended early.
        case incomplete
    }

    /// Its number among the cell's blocks, from 0.
    public var number: Int
    /// Its slices in the order in which they ran.
    public var slices: [SliceRecord]
    /// What it is good for.
    public var state: State
    /// The round of boots it ran in; nil where all ran in one.
    public var round: Int? { slices.first?.round }

    /// A block of these slices.
    ///
    /// - Parameter firstBlock: the cell's first block that may count.
    public init(number: Int, slices: [SliceRecord], firstBlock: Int = 0) {
        self.number = number
        self.slices = slices
        if number < firstBlock || slices.contains(where: { $0.warmup == true }) {
            state = .warmup
        } else if slices.contains(where: { !$0.validity.isValid }) {
            state = .void
        } else {
            state = slices.count == Self.length ? .counted : .incomplete
        }
    }
}

extension StoredJournal {
    /// A cell's blocks in the order in which they ran; slices without a block are left out.
    ///
    /// Linear in the number of slices; for many cells take `blocksByCell`.
    public func blocks(of cell: String) -> [BlockRecord] { blocksByCell[cell] ?? [] }

    /// Each cell's blocks in the order in which they ran.
    public var blocksByCell: [String: [BlockRecord]] {
        var slices: [String: [[SliceRecord]]] = [:]
        for slice in self.slices {
            guard let block = slice.block else { continue }
            if slices[slice.cell]?.last?.last?.block == block {
                let last = slices[slice.cell, default: []].count - 1
                slices[slice.cell]?[last].append(slice)
            } else {
                slices[slice.cell, default: []].append([slice])
            }
        }
        return Dictionary(
            uniqueKeysWithValues: slices.map { cell, blocks in
                let first = firstBlocks[cell] ?? 0
                return (
                    cell,
                    blocks.map {
                        BlockRecord(number: $0[0].block ?? 0, slices: $0, firstBlock: first)
                    }
                )
            })
    }
}
