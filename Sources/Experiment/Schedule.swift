// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics

/// The order of an experiment: passes over the cells, in each of which every cell gets one block.
///
/// Cells under one pressure are neighbours, so that the pressure is set up once a pass. The order of
/// the pressures, that of the cells under each, the arms of each block and the first arm to boot are
/// random. They depend on the seed and on the numbers given here alone, so that a killed experiment
/// goes on as it would have.
public struct Schedule: Sendable, Equatable {
    /// One slice to measure.
    struct Step: Sendable, Equatable {
        /// The cell's place in the suite.
        var cell: Int
        /// The block's number, from 0.
        var block: Int
        /// The slice's place in its block, from 0.
        var position: Int
        /// The arm; A where there is only one.
        var arm: Arm
    }

    // Streams of random numbers; a cell's number is never negative.
    private static let passes = -1
    private static let coins = -2
    private static let boots = -3

    private let plan: Plan
    private let groups: [[Int]]

    /// The order for a plan's suite and seed.
    public init(_ plan: Plan) {
        self.plan = plan
        var places: [String: Int] = [:]
        var groups: [[Int]] = []
        for (index, cell) in plan.suite.cells.enumerated() {
            let key = Self.pressure(of: cell)
            if let place = places[key] {
                groups[place].append(index)
            } else {
                places[key] = groups.count
                groups.append([index])
            }
        }
        self.groups = groups
    }

    /// The slices of a pass over these cells, in the order in which they run.
    ///
    /// A run measures one slice of each cell. Where both arms are up, blocks follow each other;
    /// where the arms are up one after the other, each arm gets its half of every block.
    func steps(pass: Int, cells: Set<Int>) -> [Step] {
        let order = self.cells(pass: pass).filter(cells.contains)
        if plan.kind == .run {
            return order.map { Step(cell: $0, block: pass, position: 0, arm: .a) }
        }
        guard plan.alternates else {
            return order.flatMap { cell in
                self.order(cell: cell, block: pass).arms.enumerated().map { position, arm in
                    Step(cell: cell, block: pass, position: position, arm: arm)
                }
            }
        }
        let first = firstArm(round: pass)
        return [first, first.other].enumerated().flatMap { half, arm in
            order.flatMap { cell in
                [0, 1].map { Step(cell: cell, block: pass, position: 2 * half + $0, arm: arm) }
            }
        }
    }

    /// All cells in the order of a pass, from 0, by their places in the suite.
    func cells(pass: Int) -> [Int] {
        var generator = SplitMix64(
            seed: SplitMix64.derive(plan.seed, Self.passes, pass))
        return generator.shuffled(groups).flatMap { generator.shuffled($0) }
    }

    /// The order of a block's arms, by a fair coin.
    public func order(cell: Int, block: Int) -> BlockOrder {
        var generator = SplitMix64(
            seed: SplitMix64.derive(plan.seed, Self.coins, cell, block))
        return generator.below(2) == 0 ? .abba : .baab
    }

    /// The arm that boots first in a round, by a fair coin.
    public func firstArm(round: Int) -> Arm {
        var generator = SplitMix64(seed: SplitMix64.derive(plan.seed, Self.boots, round))
        return generator.below(2) == 0 ? .a : .b
    }

    /// The seed of a slice's offsets and data.
    ///
    /// Both slices of a pair, one of each arm, get the same, so that chance in the data is not taken
    /// for a difference between the arms.
    func dataSeed(_ step: Step) -> UInt64 {
        if plan.kind == .run { return SplitMix64.derive(plan.seed, step.cell, step.block) }
        let pair = plan.alternates ? step.position % 2 : step.position / 2
        return SplitMix64.derive(plan.seed, step.cell, step.block, pair)
    }

    private static func pressure(of cell: CellPlan) -> String {
        ([cell.pressure]
            + cell.pressureSettings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
            .joined(separator: ",")
    }
}

extension BlockOrder {
    /// The arms of the four slices.
    public var arms: [Arm] { isCandidate.map { $0 ? .b : .a } }
}
