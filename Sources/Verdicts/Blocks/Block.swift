// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics

/// Consecutive slices of one cell, four in a whole block, and what they are good for.
///
/// The runner, a resume and the report all sort blocks by this type, in this order: a block of a
/// void round is void; a block of the warm-up never counts; a short block is incomplete, whether
/// its slices are void or not, and is made anew on resume; a void slice voids a whole block.
public struct Block: Sendable {
    /// Slices in a whole block.
    public static let length = 4
    /// The reason of a whole block without a void slice that has no effect all the same: an arm's
    /// figure is not a number above zero.
    public static let noFigure = "no-figure"
    /// The reason of a block whose round of boots does not count.
    public static let voidRound = "void-round"

    /// What a block is good for.
    public enum State: Sendable, Equatable {
        /// It counts.
        case counted(BlockEffect)
        /// It does not: each reason with a detail in words.
        case void([String: String])
        /// It ended early.
        case incomplete
        /// It belongs to the warm-up.
        case warmup

        /// Whether it counts.
        public var isCounted: Bool { if case .counted = self { true } else { false } }
        /// Whether it is void.
        public var isVoid: Bool { if case .void = self { true } else { false } }
    }

    /// Its number among the cell's blocks, from 0.
    public let number: Int
    /// Its slices in the order in which they ran.
    public let slices: ArraySlice<SliceSummary>
    /// Whether instructions per operation that a PMU counted are compared.
    public let countsInstructions: Bool
    /// What it is good for.
    public let state: State
    /// Whether the baseline ran on the second of two machines that swap kernels; nil for others.
    public internal(set) var isSwapped: Bool?

    /// A block of these slices.
    ///
    /// - Parameters:
    ///   - firstBlock: the cell's first block that may count.
    ///   - isInVoidRound: whether its round of boots does not count.
    public init(
        number: Int, slices: ArraySlice<SliceSummary>, firstBlock: Int = 0,
        isInVoidRound: Bool = false,
        countsInstructions: Bool = false
    ) {
        self.number = number
        self.slices = slices
        self.countsInstructions = countsInstructions
        if isInVoidRound {
            state = .void([Self.voidRound: "its round does not count"])
        } else if number < firstBlock || slices.contains(where: \.isWarmup) {
            state = .warmup
        } else if slices.count != Self.length {
            state = .incomplete
        } else if slices.contains(where: { !$0.isValid }) {
            state = .void(slices.reduce(into: [:]) { $0.merge($1.reasons) { first, _ in first } })
        } else {
            do throws(StatisticsError) {
                state = .counted(try Self.effect(slices, number: number, countsInstructions))
            } catch {
                state = .void([Self.noFigure: "block \(number): \(error)"])
            }
        }
    }

    /// A block of slices that just ran.
    public init(number: Int, records: [SliceRecord], countsInstructions: Bool = false) {
        self.init(
            number: number, slices: records.map { SliceSummary($0) }[...],
            countsInstructions: countsInstructions)
    }

    /// The round of boots it ran in; nil where all ran in one boot.
    public var round: Int? { slices.first?.round }
    /// Whether its round of boots does not count.
    public var isInVoidRound: Bool {
        if case .void(let reasons) = state { reasons[Self.voidRound] != nil } else { false }
    }
    /// The effect over its slices, void or not; nil for a short block and where there is none.
    public var effect: BlockEffect? {
        if case .counted(let effect) = state { return effect }
        return try? Self.effect(slices, number: number, countsInstructions)
    }

    private static func effect(
        _ slices: ArraySlice<SliceSummary>, number: Int, _ countsInstructions: Bool
    ) throws(StatisticsError) -> BlockEffect {
        guard orders.contains(where: { $0.elementsEqual(slices.lazy.map(\.arm)) }) else {
            throw .outOfRange(parameter: "order of the arms", value: Double(number))
        }
        func totals(_ arm: Arm) -> [SliceTotal] {
            slices.compactMap {
                $0.arm == arm ? SliceTotal($0, countsInstructions: countsInstructions) : nil
            }
        }
        return try BlockEffect(a: totals(.a), b: totals(.b))
    }

    /// How the arms may take turns: the last two where they are up one after the other.
    private static let orders: [[Arm?]] = [
        [.a, .b, .b, .a], [.b, .a, .a, .b], [.a, .a, .b, .b], [.b, .b, .a, .a],
    ]
}
