// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells

/// Which block of its region a job touches next, and whether it reads or writes it.
///
/// Random blocks come with replacement, as with fio's `norandommap`. Sequential ones start anew
/// at the end; a mix of sequential reads and writes has a position for each, as fio has.
struct OffsetSequence: Sendable {
    /// One request to come.
    struct Step: Sendable, Equatable {
        /// The block's number in the region.
        var block: Int
        var isWrite: Bool
    }

    private var random: SplitMix64
    private let blocks: Int
    private let isRandom: Bool
    private let isMixed: Bool
    /// A draw from here on is a write, where reads and writes mix.
    private let firstWriteDraw: Int
    private let writesOnly: Bool
    private var nextRead = 0
    private var nextWrite = 0

    init(_ access: DirectWorkload.Access, readShare: Int, blocks: Int, seed: UInt64) {
        random = SplitMix64(seed: SplitMix64.mixed(seed))
        self.blocks = blocks
        isRandom = access.isRandom
        isMixed = access.isMixed
        writesOnly = access.writes && !access.isMixed
        firstWriteDraw = readShare
    }

    @inline(__always)
    mutating func next() -> Step {
        let isWrite = isMixed ? random.below(100) >= firstWriteDraw : writesOnly
        if isRandom {
            return Step(block: random.below(blocks), isWrite: isWrite)
        }
        if isWrite {
            let block = nextWrite
            nextWrite = block &+ 1 == blocks ? 0 : block &+ 1
            return Step(block: block, isWrite: true)
        }
        let block = nextRead
        nextRead = block &+ 1 == blocks ? 0 : block &+ 1
        return Step(block: block, isWrite: false)
    }
}
