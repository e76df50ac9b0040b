// SPDX-License-Identifier: GPL-3.0-or-later

import CRmath

/// Whether blocks or slices were lost in one arm more than in the other.
///
/// Source: R. A. Fisher, *Statistical Methods for Research Workers*, 5th ed. (1934): the exact test
/// of a two-by-two table, two-sided as the sum of all tables that are no likelier.
public struct VoidBalance: Sendable, Equatable {
    /// The two-sided p of equal chances.
    public let p: Double

    /// p < 0.05: the arms were not lost alike, and the verdict is invalid.
    public var isUneven: Bool { p < 0.05 }

    /// Compares how many were void and how many good in each arm. Linear in the number of voids.
    ///
    /// - Throws: `outOfRange` for a negative count or one above 10⁹.
    public init(
        a: (void: Int, good: Int), b: (void: Int, good: Int)
    ) throws(StatisticsError) {
        for count in [a.void, a.good, b.void, b.good] where !(0...1_000_000_000).contains(count) {
            throw .outOfRange(parameter: "voids", value: Double(count))
        }
        let void = Double(a.void + b.void)
        let good = Double(a.good + b.good)
        let drawn = Double(a.void + a.good)
        func chance(_ count: Double) -> Double { crmath_dhyper(count, void, good, drawn) }
        // Tables as likely as the observed one differ from it in the last bits.
        let limit = chance(Double(a.void)) * (1 + 1e-7)
        var sum = 0.0
        for count in stride(from: max(0, drawn - good), through: min(void, drawn), by: 1) {
            let p = chance(count)
            if p <= limit { sum += p }
        }
        p = min(1, sum)
    }
}
