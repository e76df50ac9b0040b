// SPDX-License-Identifier: GPL-3.0-or-later

import Statistics

/// The blocks of one cell of an A/A journal, cut into comparisons that follow each other and share
/// no block.
struct PlaceboCut {
    /// The blocks of each whole comparison, with the void ones among them.
    private(set) var comparisons: [[Block]] = []
    /// Units at the end that make no whole comparison.
    private(set) var leftOver = 0

    /// Cuts after each so many units: rounds of boots, or blocks where all ran in one boot.
    ///
    /// Warm-ups, blocks that ended early and rounds that are not whole are in no comparison.
    ///
    /// - Parameters:
    ///   - units: nil for one comparison of all of them, which its rule may have ended early.
    ///   - roundBlocks: blocks in a whole round of boots; nil where all ran in one boot.
    init(_ blocks: [Block], units: Int?, roundBlocks: Int?) {
        let whole = WholeRounds(
            blocks.lazy.filter(\.state.isCounted).map(\.round), blocks: roundBlocks)
        var open: [Block] = []
        var seen: Set<Int> = []
        for block in blocks where whole.contains(block.round) {
            if block.state == .warmup || block.state == .incomplete { continue }
            if block.state.isCounted {
                let unit = (roundBlocks == nil ? nil : block.round) ?? block.number
                if seen.count == units, !seen.contains(unit) {
                    comparisons.append(open)
                    (open, seen) = ([], [])
                }
                seen.insert(unit)
            }
            open.append(block)
        }
        if seen.count == units || units == nil && seen.count >= Verdict.leastUnits {
            comparisons.append(open)
        } else {
            leftOver = seen.count
        }
    }
}
