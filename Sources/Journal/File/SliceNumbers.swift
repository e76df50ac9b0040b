// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Which slices were seen: no two have one cell, arm and number.
///
/// They come in the order of their numbers, so that for each cell and arm the next one is all that
/// there is to remember.
struct SliceNumbers {
    private struct Place: Hashable {
        var lane: Int
        var number: Int
    }

    /// For each cell and arm the number below which all were seen.
    private var next: [Int]
    /// Those that came before their turn.
    private var early: Set<Place> = []

    init(cells: Int) { next = Array(repeating: 0, count: 3 * cells) }

    /// Notes a slice.
    ///
    /// - Returns: whether it was not seen before.
    mutating func insert(_ slice: SliceSummary) -> Bool {
        let lane = 3 * slice.place + (slice.arm == nil ? 0 : slice.arm == .a ? 1 : 2)
        let number = slice.number
        guard number == next[lane] else {
            let isNew = number > next[lane] || number < 0
            return isNew && early.insert(Place(lane: lane, number: number)).inserted
        }
        next[lane] += 1
        while !early.isEmpty, early.remove(Place(lane: lane, number: next[lane])) != nil {
            next[lane] += 1
        }
        return true
    }
}
