// SPDX-License-Identifier: GPL-3.0-or-later

/// Levels for looking at an experiment while it runs without raising its error rate.
///
/// At look k of K, with t = k/K of the budget spent, the bound on the z scale is C/√t: that of
/// O'Brien and Fleming, the family of Wang and Tsiatis at Δ = 0. Each look's p, of whatever test, is
/// held against the level that belongs to the bound.
///
/// Source: P. O'Brien and T. Fleming, *A multiple testing procedure for clinical trials*,
/// Biometrics 35 (1979); S. Wang and A. Tsiatis, *Approximately optimal one-parameter boundaries
/// for group sequential trials*, Biometrics 43 (1987); C. Jennison and B. Turnbull, *Group
/// Sequential Methods* (2000), sections 2.3 to 2.5.
public struct GroupSequential: Sendable, Equatable {
    /// Which departures count.
    enum Sides: Sendable {
        /// Those in one direction.
        case one
        /// Those in both.
        case two
    }

    /// The most looks that bounds are computed for.
    public static let mostLooks = 100
    /// The least level of a look before the last, unless it is switched off.
    public static let usualFloor = 5e-4

    /// K.
    public let looks: Int
    /// C for a difference, two-sided.
    public let differenceConstant: Double
    /// C for equivalence, one-sided.
    public let equivalenceConstant: Double
    /// No look before the last has a smaller level; 0 for none. Holm over many cells wants none.
    public let floor: Double

    /// 8 looks at the level 0.05, the default of an experiment with a budget.
    public static let eight = GroupSequential(
        looks: 8, differenceConstant: 2.073, equivalenceConstant: 1.787, floor: usualFloor)
    /// C for a difference and for equivalence at 1 to 7 looks, as the integration gives them.
    private static let fewer = [
        (1.9600, 1.6449), (1.9775, 1.6780), (2.0041, 1.7097), (2.0259, 1.7339),
        (2.0421, 1.7525), (2.0554, 1.7669), (2.0668, 1.7788),
    ]
    private init(
        looks: Int, differenceConstant: Double, equivalenceConstant: Double, floor: Double
    ) {
        self.looks = looks
        self.differenceConstant = differenceConstant
        self.equivalenceConstant = equivalenceConstant
        self.floor = floor
    }

    /// Bounds for any number of looks at the level 0.05, integrated with the floor in place and
    /// rounded up to 10⁻⁴.
    ///
    /// - Parameter looks: K, 1 to 100; 30 take some 0.3 s, 100 some 2.5 s.
    /// - Throws: `outOfRange`.
    public init(looks: Int) throws(StatisticsError) {
        guard (1...Self.mostLooks).contains(looks) else {
            throw .outOfRange(parameter: "looks", value: Double(looks))
        }
        if looks == Self.eight.looks {
            self = .eight
            return
        }
        if looks <= Self.fewer.count {
            let (difference, equivalence) = Self.fewer[looks - 1]
            self.init(
                looks: looks, differenceConstant: difference, equivalenceConstant: equivalence,
                floor: Self.usualFloor)
            return
        }
        guard let difference = Self.constant(looks: looks, sides: .two),
            let equivalence = Self.constant(looks: looks, sides: .one)
        else { throw .outOfRange(parameter: "looks", value: Double(looks)) }
        self.init(
            looks: looks, differenceConstant: difference, equivalenceConstant: equivalence,
            floor: Self.usualFloor)
    }

    /// K for so many units: 8, and one for every two of them at most.
    ///
    /// The bounds are made for normal values. Student's t of few units depends less on the look
    /// before, so that looks after each unit cross them too often: with looks after 5, 6, 7 and 8 of
    /// 8 units 0.0553 of the time at a level of 0.05. With 5 to 64 units and a look for every two
    /// it is 0.045 to 0.054, and the power 0.974 to 0.99 of that of one t-test at the end (300,000
    /// simulated experiments each, at an effect that the t-test finds in 8 of 10).
    public static func looks(units: Int) -> Int { max(1, min(eight.looks, units / 2)) }

    /// The same constants over another floor, 0 for none.
    public func with(floor: Double) -> GroupSequential {
        GroupSequential(
            looks: looks, differenceConstant: differenceConstant,
            equivalenceConstant: equivalenceConstant, floor: floor)
    }

    /// The bounds for one of several cells: a difference within them outlasts Holm's adjustment of
    /// the cells' repeated p; equivalence, which every cell shows by itself, keeps its constant.
    ///
    /// - Parameters:
    ///   - cells: m; with one, nothing changes. Above 20 the bounds of 20 are taken.
    ///   - level: the error rate over all cells, in (0, 0.5).
    /// - Throws: `outOfRange`.
    public func among(cells: Int, level: Double = 0.05) throws(StatisticsError) -> GroupSequential {
        try Check.count(cells, atLeast: 1, "cells")
        guard level > 0, level < 0.5 else { throw .outOfRange(parameter: "level", value: level) }
        if cells == 1 { return self }
        let constant = Normal.upperQuantile(level / Double(4 * min(cells, 20)))
        return GroupSequential(
            looks: looks, differenceConstant: max(differenceConstant, constant),
            equivalenceConstant: equivalenceConstant, floor: 0)
    }

    /// a_k: the two-sided p that shows a difference at a look from 1 to K.
    public func differenceLevel(look: Int) -> Double {
        let z = differenceConstant / share(look).squareRoot()
        return look < looks ? max(Normal.twoSided(z), floor) : Normal.twoSided(z)
    }

    /// b_k: the one-sided p that shows equivalence at a look from 1 to K.
    public func equivalenceLevel(look: Int) -> Double {
        let z = equivalenceConstant / share(look).squareRoot()
        return look < looks ? max(Normal.upper(z), floor) : Normal.upper(z)
    }

    private func share(_ look: Int) -> Double {
        Double(min(max(look, 1), looks)) / Double(looks)
    }

    /// One p for all looks so far, valid at any of them and for any number of looks:
    /// min(1, 4·(1 − Φ(max z_k·√t_k))).
    ///
    /// - Parameter p: two-sided p by look, in [0, 1], with the share t of the budget spent at each.
    public static func repeatedP(_ looks: [(p: Double, share: Double)]) -> Double {
        let furthest = looks.reduce(0.0) { furthest, look in
            max(furthest, Normal.upperQuantile(look.p / 2) * look.share.squareRoot())
        }
        return min(1, 4 * Normal.upper(furthest))
    }

    /// The error rate of the bound C/√t over `looks` looks, by numerical integration.
    static func errorRate(
        looks: Int, constant: Double, sides: Sides, floor: Double = 0
    ) -> Double {
        let highest = Normal.upperQuantile(sides == .two ? floor / 2 : floor)
        let bounds = (1...looks).map { look in
            let z = constant / (Double(look) / Double(looks)).squareRoot()
            return look < looks ? min(z, highest) : z
        }
        return BoundaryCrossing.probability(bounds: bounds, sides: sides)
    }

    /// The least constant on a grid of 10⁻⁴ whose error rate is at most 0.05; nil when the floor
    /// alone goes beyond it.
    private static func constant(looks: Int, sides: Sides) -> Double? {
        func holds(_ constant: Int) -> Bool {
            errorRate(
                looks: looks, constant: Double(constant) / 1e4, sides: sides, floor: usualFloor)
                <= 0.05
        }
        // One look's quantile is the least there can be, and one more is beyond any that is needed.
        let oneLook = Normal.upperQuantile(sides == .two ? 0.025 : 0.05)
        var low = Int((oneLook * 1e4).rounded(.down)) - 1
        var high = Int((oneLook + 1) * 1e4)
        guard holds(high) else { return nil }
        while low + 1 < high {
            let middle = (low + high) / 2
            if holds(middle) { high = middle } else { low = middle }
        }
        return Double(high) / 1e4
    }
}
