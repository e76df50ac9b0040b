// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Statistics

/// One block of a cell, and what it says of B against A.
struct BlockDigest {
    /// What a block is good for.
    enum State {
        /// It counts, with this effect.
        case counted(BlockEffect)
        /// An arm's rate is no number above zero.
        case unusable(String)
        /// It belongs to the warm-up.
        case warmup
        /// At least one of its slices is void.
        case void
        /// It ended early.
        case incomplete
    }

    var number: Int
    var slices: [SliceDigest] = []

    /// - Parameter firstBlock: the cell's first block that may count.
    func state(firstBlock: Int) -> State {
        if number < firstBlock || slices.contains(where: \.isWarmup) { return .warmup }
        guard slices.count == BlockRecord.length else { return .incomplete }
        if slices.contains(where: { !$0.isValid }) { return .void }
        do throws(StatisticsError) {
            return .counted(try effect())
        } catch {
            return .unusable("block \(number): \(error)")
        }
    }

    /// The effect over the block's slices, void or not.
    func effect() throws(StatisticsError) -> BlockEffect {
        guard let order else {
            throw .outOfRange(parameter: "order of the arms", value: Double(number))
        }
        return try BlockEffect(order: order, slices: slices.map(\.total))
    }

    /// How its arms took turns; `nil` for anything but ABBA and BAAB.
    private var order: BlockOrder? {
        BlockOrder(rawValue: slices.map { $0.arm ?? "?" }.joined())
    }
}

extension SliceDigest {
    /// Operations and seconds.
    var total: SliceTotal {
        SliceTotal(operations: Double(operations), seconds: Double(interval) / 1e9)
    }
}

extension JournalDigest {
    /// Each cell's blocks, in the order of the suite and in the order in which they ran.
    var blocks: [[BlockDigest]] {
        var blocks = [[BlockDigest]](repeating: [], count: header.suite.cells.count)
        for slice in slices {
            guard let number = slice.block else { continue }
            let last = blocks[slice.cell].count - 1
            if last < 0 || blocks[slice.cell][last].number != number {
                var block = BlockDigest(number: number)
                block.slices.reserveCapacity(BlockRecord.length)
                block.slices.append(slice)
                blocks[slice.cell].append(block)
            } else {
                blocks[slice.cell][last].slices.append(slice)
            }
        }
        return blocks
    }
}
