// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics

/// What the kernels of both arms did for a cell's workers. It explains a verdict, and is no part of
/// it.
public struct MechanismComparison: Sendable, Equatable {
    /// One arm's value of a quantity.
    public struct Figure: Sendable, Equatable {
        /// The mean over the traced slices, in the quantity's unit. Each slice weighs as much as what
        /// its value is told of: operations, requests, allocations or time. So the mean of a count for
        /// an operation is all that was counted, divided by all operations.
        public let mean: Double
        /// Its interval; absent where the slices do not vary, and for a value over all of them.
        public var interval: Interval? {
            isExact ? nil : try? estimate?.interval()
        }
        /// Whether two slices or more have a value, and all the same.
        package var isExact: Bool { estimate?.standardError == 0 }
        /// The mean with its error; nil with fewer than two slices.
        fileprivate let estimate: StudentT?

        init(_ values: [Double], weights: [Double]? = nil) {
            let weights = weights ?? values.map { _ in 1 }
            estimate = try? StudentT(values, weights: weights)
            mean = estimate?.estimate ?? values.first ?? 0
        }
    }

    /// B less A, as far as the traced slices show it.
    public struct Difference: Sendable, Equatable {
        /// Of the means, in the quantity's unit.
        public let value: Double
        /// Welch's interval, whose units are the traced slices; absent where neither arm's slices
        /// vary: the difference is exact then.
        public let interval: Interval?
        /// Whether it is shown to be one: its interval does not contain 0, or it is exact and not 0.
        public var isShown: Bool {
            interval.map { $0.lower > 0 || $0.upper < 0 } ?? (value != 0)
        }
    }

    /// A quantity on both arms.
    public struct Row: Sendable, Equatable {
        /// What was counted.
        public var quantity: MechanismCount.Quantity
        /// The function of the kernel that wanted the memory; absent for all of them together.
        public var function: String?
        /// A, then B; absent where it was not counted.
        public var figures: [Figure?]

        /// B less A; nil unless both arms have two slices or more with a value.
        public var difference: Difference? {
            guard let a = figures[0]?.estimate, let b = figures[1]?.estimate else { return nil }
            let difference = StudentT.welch(from: a, to: b)
            let isExact = difference.standardError == 0
            return Difference(
                value: difference.estimate,
                interval: isExact ? nil : try? difference.interval())
        }
        /// Whether nothing was seen on either arm.
        package var isZero: Bool { figures.allSatisfy { ($0?.mean ?? 0) == 0 } }
    }

    /// What was traced, A first; absent for an arm that was not.
    public let arms: [CellMechanism?]
    /// What was counted, in the order of the quantities; those that are 0 on both arms among them.
    public let rows: [Row]
    /// How much slower each arm was while it was traced, in percent of its rate; absent where it was
    /// not traced or has no rate.
    public let slowdown: [Double?]

    /// Finds a cell among what was traced; nil where it is not.
    ///
    /// - Parameter rates: what the arms did an operation a second when nothing traced them.
    init?(_ cell: String, in mechanisms: [CellMechanism], rates: [Double?]) {
        let arms = Arm.allCases.map { arm in
            mechanisms.first { $0.cell == cell && $0.arm == arm }
        }
        guard arms.contains(where: { $0 != nil }) else { return nil }
        self.arms = arms
        slowdown = zip(arms, rates).map { arm, rate in
            guard let traced = arm?.rate, let rate, rate > 0 else { return nil }
            return 100 * (1 - traced / rate)
        }
        var rows: [Row] = []
        for quantity in MechanismCount.Quantity.allCases {
            let counts = arms.map { arm in arm?.counts.filter { $0.quantity == quantity } ?? [] }
            var functions: [String?] = []
            for count in counts.joined() where !functions.contains(count.function) {
                functions.append(count.function)
            }
            // All together, then the functions.
            for function in functions.filter({ $0 == nil }) + functions.filter({ $0 != nil }) {
                let figures = counts.map { counts -> Figure? in
                    if let count = counts.first(where: { $0.function == function }) {
                        return Figure(count.values, weights: count.bases)
                    }
                    // A function that is not named had no part in what was counted.
                    guard function != nil, !quantity.isOfPart,
                        let all = counts.first(where: { $0.function == nil }),
                        counts.count > 1 || all.values.allSatisfy({ $0 == 0 })
                    else { return nil }
                    return Figure(all.values.map { _ in 0 })
                }
                rows.append(Row(quantity: quantity, function: function, figures: figures))
            }
        }
        self.rows = rows
    }

    /// The row of a quantity over all functions; nil where neither arm has it.
    public subscript(quantity: MechanismCount.Quantity) -> Row? {
        rows.first { $0.quantity == quantity && $0.function == nil }
    }
}
