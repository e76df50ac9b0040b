// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
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
    /// Whether its effect is one on instructions per operation that a PMU counted.
    var countsInstructions = false
    var slices: [SliceDigest] = []
    /// Whether its round of boots does not count.
    var isInVoidRound = false
    /// The round of boots it ran in.
    var round: Int? { slices.first?.round }

    /// - Parameter firstBlock: the cell's first block that may count.
    func state(firstBlock: Int) -> State {
        if isInVoidRound { return .void }
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
        guard Self.orders.contains(slices.map { $0.arm?.rawValue ?? "?" }.joined()) else {
            throw .outOfRange(parameter: "order of the arms", value: Double(number))
        }
        func totals(_ arm: Arm) -> [SliceTotal] {
            slices.filter { $0.arm == arm }.map { $0.total(countsInstructions) }
        }
        return try BlockEffect(a: totals(.a), b: totals(.b))
    }

    /// How its arms may take turns: the last two where they are up one after the other.
    private static let orders = BlockOrder.allCases.map(\.rawValue) + ["AABB", "BBAA"]
}

extension SliceDigest {
    /// Operations and seconds, or instructions and operations.
    func total(_ countsInstructions: Bool) -> SliceTotal {
        SliceTotal(
            operations: operations, interval: interval, instructions: instructions,
            counts: countsInstructions)
    }
}

extension JournalDigest {
    /// Each cell's blocks, in the order of the suite and in the order in which they ran.
    var blocks: [[BlockDigest]] {
        var blocks = [[BlockDigest]](repeating: [], count: header.suite.cells.count)
        let voidRounds = Set(voidRounds.map(\.round))
        let counts = header.countsInstructions
        for slice in slices {
            guard let number = slice.block else { continue }
            let last = blocks[slice.cell].count - 1
            if last < 0 || blocks[slice.cell][last].number != number {
                var block = BlockDigest(number: number, countsInstructions: counts)
                block.slices.reserveCapacity(BlockRecord.length)
                block.slices.append(slice)
                block.isInVoidRound = slice.round.map(voidRounds.contains) ?? false
                blocks[slice.cell].append(block)
            } else {
                blocks[slice.cell][last].slices.append(slice)
            }
        }
        return blocks
    }
}
