// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics
import Verdicts

/// The order of an experiment: passes over the cells, in each of which every cell gets one visit of
/// some blocks.
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

    /// The blocks of one cell while its workers are resident.
    struct Visit: Sendable, Equatable {
        /// The cell's place in the suite.
        var cell: Int
        /// Its slices in the order in which they run.
        var steps: [Step]
    }

    /// How long a visit measures, nanoseconds: setting up is little beside it, and the memory that
    /// workers get is drawn anew often.
    private static let visitTime = 2_000_000_000

    /// The least guard of a visit's first slice on an arm, whose memory is new: nanoseconds.
    static let visitGuard = 100_000_000

    // Streams of random numbers; a cell's number is never negative.
    private static let passes = -1
    private static let coins = -2
    private static let boots = -3
    private static let memory = -4
    private static let layouts = -5

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

    /// Blocks in a visit of a cell with slices of this length; of a run, slices.
    ///
    /// A boot has two visits or more.
    func visitBlocks(slice: Int) -> Int {
        let time = slice + plan.suite.guardTime
        if plan.kind == .run { return max(1, Self.visitTime / time) }
        let most = max(1, Self.visitTime / (Block.length * time))
        guard let blocks = plan.bootBlocks else { return most }
        return max(1, min(most, (blocks + 1) / 2))
    }

    /// The visits of a pass, in the order in which they are made.
    ///
    /// Where both arms are up, blocks follow each other; where the arms are up one after the other,
    /// each arm gets its half of every block.
    ///
    /// - Parameter blocks: by cell the numbers of its next blocks; of a run, those of its slices.
    func visits(pass: Int, blocks: [Int: Range<Int>]) -> [Visit] {
        let order = self.cells(pass: pass).filter { blocks[$0] != nil }
        guard plan.alternates else {
            return order.map { cell in
                Visit(cell: cell, steps: (blocks[cell] ?? 0..<0).flatMap { steps(cell, $0) })
            }
        }
        let first = firstArm(round: pass)
        return [first, first.other].enumerated().flatMap { half, arm in
            order.map { cell in
                let block = blocks[cell]?.lowerBound ?? 0
                return Visit(
                    cell: cell,
                    steps: [0, 1].map {
                        Step(cell: cell, block: block, position: 2 * half + $0, arm: arm)
                    })
            }
        }
    }

    private func steps(_ cell: Int, _ block: Int) -> [Step] {
        if plan.kind == .run { return [Step(cell: cell, block: block, position: 0, arm: .a)] }
        return order(cell: cell, block: block).arms.enumerated().map { position, arm in
            Step(cell: cell, block: block, position: position, arm: arm)
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

    /// The arm that boots first in a round, by a fair coin; where two machines swap kernels, the
    /// first machine's arm before they do.
    public func firstArm(round: Int) -> Arm {
        var generator = SplitMix64(seed: SplitMix64.derive(plan.seed, Self.boots, round))
        return generator.below(2) == 0 ? .a : .b
    }

    /// The layout that an arm's kernel has in a round: every layout once, in random order, before
    /// one comes again. The arms' orders have nothing to do with each other.
    ///
    /// Where both arms have one kernel, one layout is one image: each arm then draws from a half of
    /// its own, or layouts would cancel between the arms as they do not between two kernels.
    public func layout(round: Int, arm: Arm) -> Int {
        guard let comparison = plan.comparison, let count = comparison.relinks?.count, count > 0
        else { return 0 }
        if let image = comparison.arms.a.guest?.image, image == comparison.arms.b.guest?.image {
            let half = count / 2
            var generator = SplitMix64(
                seed: SplitMix64.derive(plan.seed, Self.layouts, 2, round / half))
            let order = generator.shuffled(Array(0..<count))
            return order[round % half + (arm == .a ? 0 : half)]
        }
        var generator = SplitMix64(
            seed: SplitMix64.derive(
                plan.seed, Self.layouts, arm == .a ? 0 : 1, round / count))
        return generator.shuffled(Array(0..<count))[round % count]
    }

    /// The seed of what a visit's workers hold, the same on both arms.
    func visitSeed(cell: Int, visit: Int) -> UInt64 {
        SplitMix64.derive(plan.seed, Self.memory, cell, visit)
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
