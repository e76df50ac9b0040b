// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import Statistics

extension BlockOrder {
    /// The arms of the four slices.
    public var arms: [Arm] { isCandidate.map { $0 ? .b : .a } }
}

/// The order of a comparison: rounds, each of which visits every cell that is left with one block.
///
/// Within a round the cells of one pressure stand together, as in `Schedule`; both orders are random
/// and differ from round to round. Every answer depends on the seed and the numbers asked for
/// alone, so that an experiment that was killed goes on as it would have.
public struct BlockSchedule: Sendable, Equatable {
    // Keep the coins and the rounds apart: a cell's number is never negative.
    private static let rounds = -1
    private static let coins = -2
    private static let boots = -3

    private let seed: UInt64
    private let groups: [[Int]]

    /// The order for a suite and seed.
    public init(_ suite: SuiteRecord, seed: UInt64) {
        self.seed = seed
        groups = Schedule.groups(suite)
    }

    /// All cells in the order of a round, from 0, by their places in the suite.
    public func cells(round: Int) -> [Int] {
        var generator = SplitMix64(
            seed: SplitMix64.derive(seed, Self.rounds, round))
        return generator.shuffled(groups).flatMap { generator.shuffled($0) }
    }

    /// The order of a block's slices, by a fair coin.
    public func order(cell: Int, block: Int) -> BlockOrder {
        var generator = SplitMix64(
            seed: SplitMix64.derive(seed, Self.coins, cell, block))
        return generator.below(2) == 0 ? .abba : .baab
    }

    /// The arm that boots first in a round of boots, by a fair coin.
    public func firstArm(round: Int) -> Arm {
        var generator = SplitMix64(seed: SplitMix64.derive(seed, Self.boots, round))
        return generator.below(2) == 0 ? .a : .b
    }

    /// What a slice's offsets and data come from: the same for both slices, one of each arm, of a
    /// pair in a block, so that chance in the data is not taken for a difference.
    public func dataSeed(cell: Int, block: Int, pair: Int) -> UInt64 {
        SplitMix64.derive(seed, cell, block, pair)
    }
}
