// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// How many blocks an effect needs, and what effect the blocks at hand can show.
///
/// The t quantiles of n − 1 degrees of freedom are added, which is a little more cautious than the
/// normal ones; one look at the end is assumed. Eight looks need some 3 % more.
///
/// Source: J. Cohen, *Statistical Power Analysis for the Behavioral Sciences*, 2nd ed. (1988);
/// equivalence: S. Julious, *Sample sizes for clinical trials with normal data*, Statistics in
/// Medicine 23 (2004).
public enum Planning {
    /// What a plan wants to show.
    public enum Goal: Sendable, Equatable {
        /// That there is a difference, tested two-sided at 0.05.
        case difference
        /// That there is none beyond a margin, tested one-sided at 0.05 each way.
        case equivalence
    }

    /// The fewest blocks that a plan can come to.
    public static let leastBlocks = 3
    /// Beyond it an answer is as good as none.
    static let mostBlocks = 1 << 40

    /// The sum of quantiles that s/√n is multiplied with: t₁₋α + t_power, and for equivalence
    /// t₁₋α + t₁₋β/₂, since it can be missed on either side.
    static func factor(_ goal: Goal, degreesOfFreedom: Double, power: Double) -> Double {
        switch goal {
        case .difference:
            Student.quantile(0.975, degreesOfFreedom) + Student.quantile(power, degreesOfFreedom)
        case .equivalence:
            Student.quantile(0.95, degreesOfFreedom)
                + Student.quantile((1 + power) / 2, degreesOfFreedom)
        }
    }

    /// The smallest change that is found, or excluded at a true effect of zero, with this power.
    ///
    /// - Parameters:
    ///   - deviation: s of the block effects, log units.
    ///   - blocks: n, from 2.
    ///   - power: a fraction in (0, 1).
    /// - Returns: percent: 100·expm1((t.975 + t.80)·s/√n), for equivalence with t.95 + t.90.
    /// - Throws: `outOfRange`.
    public static func detectable(
        deviation: Double, blocks: Int, goal: Goal = .difference, power: Double = 0.8
    ) throws(StatisticsError) -> Double {
        try Check.count(blocks, atLeast: 2, "blocks")
        try Check.fraction(power, "power")
        try check(deviation)
        let factor = factor(goal, degreesOfFreedom: Double(blocks - 1), power: power)
        return Percent.change(ofLogRatio: factor * deviation / Double(blocks).squareRoot())
    }

    /// The fewest blocks, from 3, at which a log distance is reached; nil when none do.
    ///
    /// - Parameters:
    ///   - distance: ln(1 + effect) for a difference. For equivalence what is left between the
    ///     estimate and the nearer bound: at or below zero it is not reachable.
    ///   - deviation: s of the block effects, log units.
    ///   - power: a fraction in (0, 1).
    /// - Throws: `outOfRange`.
    public static func blocks(
        distance: Double, deviation: Double, goal: Goal = .difference, power: Double = 0.8
    ) throws(StatisticsError) -> Int? {
        try Check.fraction(power, "power")
        try check(deviation)
        guard distance.isFinite else {
            throw .outOfRange(parameter: "distance", value: distance)
        }
        guard distance > 0 else { return nil }
        func reached(_ n: Int) -> Bool {
            let factor = factor(goal, degreesOfFreedom: Double(n - 1), power: power)
            return factor * deviation / Double(n).squareRoot() <= distance
        }
        var high = leastBlocks
        while !reached(high) {
            guard high < mostBlocks else { return nil }
            high *= 2
        }
        var low = max(leastBlocks - 1, high / 2)
        while low + 1 < high {
            let middle = (low + high) / 2
            if reached(middle) { high = middle } else { low = middle }
        }
        return high
    }

    private static func check(_ deviation: Double) throws(StatisticsError) {
        guard deviation >= 0, deviation.isFinite else {
            throw .outOfRange(parameter: "deviation", value: deviation)
        }
    }
}
