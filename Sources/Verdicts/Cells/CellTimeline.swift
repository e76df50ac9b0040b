// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Journal

/// What a cell's blocks did in the order in which they ran, in as many points as a plot shows.
///
/// Time is the cell's own: the slices' measured time, without what other cells and boots took.
package struct CellTimeline: Sendable {
    /// Consecutive blocks of one boot.
    package struct Point: Sendable {
        /// The middle of them, seconds of the cell's time.
        package var time: Double
        /// The round of boots, from 0; nil in one boot.
        package var round: Int?
        /// A's and B's figure: bytes or operations a second, or instructions per operation.
        package var figures: [Double]
        /// The mean effect of the blocks, a log ratio.
        package var effect: Double
        /// How many blocks they are.
        package var blocks: Int
    }

    /// Points of a long cell, but for those that end with a boot.
    private static let mostPoints = 120

    /// The blocks that count.
    package private(set) var points: [Point] = []
    /// Where a block is void, seconds; of many, some.
    package private(set) var voids: [Double] = []
    /// Where each round of boots begins, seconds.
    package private(set) var boots: [Double] = []
    /// The most blocks of a point.
    package private(set) var blocksPerPoint = 1
    /// All of the cell's time, seconds.
    package private(set) var length = 0.0

    /// Nothing measured.
    init() {}

    /// - Parameters:
    ///   - effects: by a block's number its log ratio, for those that count; nil where the ratio of
    ///     the arms' figures is the effect.
    init(_ blocks: [Block], effects: [Int: Double]?, metric: CellMetric) {
        func counts(_ block: Block) -> Bool {
            block.state.isCounted && effects.map { $0[block.number] != nil } ?? true
        }
        let counted = blocks.count(where: counts)
        blocksPerPoint = max(1, (counted + Self.mostPoints - 1) / Self.mostPoints)
        var open = OpenPoint()
        var round: Int?
        for block in blocks where block.state != .warmup {
            let start = length
            length += block.slices.reduce(0) { $0 + Double($1.interval) } / 1e9
            if let next = block.round, next != round {
                open.close(into: &points, round: round, hasEffects: effects != nil)
                round = next
                boots.append(start)
            }
            if counts(block) {
                open.add(block, from: start, to: length, metric)
                open.effects += effects?[block.number] ?? 0
                if open.blocks == blocksPerPoint {
                    open.close(into: &points, round: round, hasEffects: effects != nil)
                }
            } else if block.state.isVoid {
                voids.append((start + length) / 2)
            }
        }
        open.close(into: &points, round: round, hasEffects: effects != nil)
        let step = max(1, voids.count / Self.mostPoints)
        voids = stride(from: 0, to: voids.count, by: step).map { voids[$0] }
    }
}

/// The blocks of a point that is not whole yet.
private struct OpenPoint {
    private(set) var blocks = 0
    var effects = 0.0
    private var start = 0.0
    private var end = 0.0
    private var sums = [[0.0, 0.0], [0.0, 0.0]]

    mutating func add(_ block: Block, from start: Double, to end: Double, _ metric: CellMetric) {
        if blocks == 0 { self.start = start }
        self.end = end
        blocks += 1
        for slice in block.slices {
            let arm = slice.arm == .b ? 1 : 0
            let seconds = Double(slice.interval) / 1e9
            let (count, per) =
                switch metric {
                case .bandwidth: (Double(slice.bytes), seconds)
                case .iops: (Double(slice.operations), seconds)
                case .own: (slice.value ?? 0, 1)
                case .instructions:
                    // In a guest an instruction takes a nanosecond.
                    (
                        Double(block.countsInstructions ? slice.instructions ?? 0 : slice.interval),
                        Double(slice.operations)
                    )
                }
            sums[arm][0] += count
            sums[arm][1] += per
        }
    }

    /// Ends the point, unless an arm has no figure above 0, and begins another one.
    mutating func close(
        into points: inout [CellTimeline.Point], round: Int?, hasEffects: Bool
    ) {
        defer { self = OpenPoint() }
        let figures = sums.map { $0[1] > 0 ? $0[0] / $0[1] : 0 }
        guard blocks > 0, figures.allSatisfy({ $0 > 0 }) else { return }
        points.append(
            CellTimeline.Point(
                time: (start + end) / 2, round: round, figures: figures,
                effect: hasEffects ? effects / Double(blocks) : log(figures[1] / figures[0]),
                blocks: blocks))
    }
}
