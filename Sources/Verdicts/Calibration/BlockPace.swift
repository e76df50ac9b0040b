// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Statistics

/// How many blocks of a cell that count a wall time brings.
///
/// The wall time of a slice goes from the end of the slice before it to its own end: set-up, guard
/// and turnaround are in it. Warm-ups and blocks that ended early are left out, void blocks are not.
struct BlockPace {
    /// Blocks that count.
    private let blocks: Int
    /// Nanoseconds that those blocks and the void ones took.
    let wall: Double
    /// Nanoseconds that the slices of the blocks that count measured.
    let measured: Double

    /// The share of the wall time that was measured; nil without a block.
    var share: Double? { wall > 0 ? measured / wall : nil }

    /// The smallest change that the blocks of so many seconds find with a power of 0.8.
    ///
    /// - Parameter deviation: of the blocks' effects, log units.
    /// - Returns: percent; nil when fewer than two blocks fit.
    /// - Throws: `outOfRange`.
    func detectable(_ deviation: Double, seconds: Int) throws(StatisticsError) -> Double? {
        let count = wall > 0 ? Int(Double(seconds) * 1e9 * Double(blocks) / wall) : 0
        return count < 2 ? nil : try Planning.detectable(deviation: deviation, blocks: count)
    }

    /// The pace of each cell of a journal, in the order of the suite.
    static func cells(of journal: StoredJournal) -> [BlockPace] {
        let blocks = journal.blocks
        let walls = walls(of: journal)
        return blocks.indices.map { cell in
            let whole = blocks[cell].filter { $0.state.isCounted || $0.state.isVoid }
            let counted = whole.filter(\.state.isCounted)
            return BlockPace(
                blocks: counted.count,
                wall: whole.reduce(0) { $0 + (walls[cell][$1.number] ?? 0) },
                measured: counted.flatMap(\.slices).reduce(0) { $0 + Double($1.interval) })
        }
    }

    /// By cell and block the nanoseconds that its slices took.
    private static func walls(of journal: StoredJournal) -> [[Int: Double]] {
        let guardTime = Double(journal.header.suite.guardTime)
        var walls = [[Int: Double]](repeating: [:], count: journal.header.suite.cells.count)
        var last = Double.infinity
        for slice in journal.slices {
            let end = Double(slice.startedAt) + Double(slice.interval)
            // The real-time clock may be set back.
            let wall = max(end - last, Double(slice.interval) + guardTime)
            last = end
            if let block = slice.block { walls[slice.place][block, default: 0] += wall }
        }
        return walls
    }
}
