// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal

/// Which blocks make up a unit whose tail of latencies is looked at: a round of boots or, in one
/// boot, a batch of consecutive blocks, because one block has too few operations in its tail.
enum TailUnits {
    /// Units below which there is no interval.
    static let least = 5
    /// The most batches: more, with fewer operations each, say no more.
    private static let most = 20

    /// By the number of a block that counts, its unit.
    ///
    /// - Parameter roundBlocks: blocks in a whole round of boots; nil where all ran in one boot.
    static func map(_ blocks: [Block], roundBlocks: Int?) -> [Int: Int] {
        let whole = WholeRounds(
            blocks.lazy.filter(\.state.isCounted).map(\.round), blocks: roundBlocks)
        let counted = blocks.filter { $0.state.isCounted && whole.contains($0.round) }
        guard roundBlocks != nil || counted.contains(where: { $0.round != nil }) else {
            return batches(counted)
        }
        var units: [Int?: Int] = [:]
        return counted.reduce(into: [:]) { map, block in
            let unit = units[block.round] ?? units.count
            units[block.round] = unit
            map[block.number] = unit
        }
    }

    /// As many batches as have enough operations beyond the rarest quantile; where five have not,
    /// beyond a less rare one.
    private static func batches(_ blocks: [Block]) -> [Int: Int] {
        let arms = Arm.allCases.map { arm in
            blocks.map { block in
                block.slices.reduce(0) { $0 + ($1.arm == arm ? Double($1.operations) : 0) }
            }
        }
        for quantile in UnitTail.quantiles.reversed() {
            let needed = UnitTail.leastBeyond / (1 - quantile)
            let counts = stride(from: min(most, blocks.count), through: least, by: -1)
            let count = counts.first { count in
                let bounds = (0...count).map { blocks.count * $0 / count }
                return zip(bounds, bounds.dropFirst()).allSatisfy { first, end in
                    arms.allSatisfy { $0[first..<end].reduce(0, +) >= needed }
                }
            }
            guard let count else { continue }
            return (0..<count).reduce(into: [:]) { map, unit in
                for place in blocks.count * unit / count..<blocks.count * (unit + 1) / count {
                    map[blocks[place].number] = unit
                }
            }
        }
        return [:]
    }
}
