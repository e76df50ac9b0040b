// SPDX-License-Identifier: GPL-3.0-or-later

import Cells

/// A stream of 64-bit numbers that looks random and is the same for the same seed.
///
/// - Source: Steele, Lea and Flood, *Fast splittable pseudorandom number generators*,
///   OOPSLA 2014 (SplitMix64). One addition links a number to the next, so that the
///   multiplications of several overlap.
struct SplitMix: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    @inline(__always)
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return Self.mixed(state)
    }

    /// A number from 0 to `bound` - 1; the bias is below `bound` in 2^64.
    @inline(__always)
    mutating func next(below bound: UInt64) -> UInt64 {
        next().multipliedFullWidth(by: bound).high
    }

    /// Spreads every bit of a number over all of them.
    @inline(__always)
    static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z &>> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z &>> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z &>> 31)
    }
}

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

    private var random: SplitMix
    private let blocks: Int
    private let isRandom: Bool
    private let isMixed: Bool
    /// A draw from here on is a write, where reads and writes mix.
    private let firstWriteDraw: UInt64
    private let writesOnly: Bool
    private var nextRead = 0
    private var nextWrite = 0

    init(_ access: DirectWorkload.Access, readShare: Int, blocks: Int, seed: UInt64) {
        random = SplitMix(seed: SplitMix.mixed(seed))
        self.blocks = blocks
        isRandom = access.isRandom
        isMixed = access.isMixed
        writesOnly = access.writes && !access.isMixed
        firstWriteDraw = UInt64(readShare)
    }

    @inline(__always)
    mutating func next() -> Step {
        let isWrite = isMixed ? random.next(below: 100) >= firstWriteDraw : writesOnly
        if isRandom {
            let block = random.next(below: UInt64(truncatingIfNeeded: blocks))
            return Step(block: Int(truncatingIfNeeded: block), isWrite: isWrite)
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
