// SPDX-License-Identifier: GPL-3.0-or-later

/// p-values of several cells, adjusted so that they can be held against one level.
///
/// Every function takes p-values in [0, 1], at least one, and returns the adjusted ones in the same
/// order. They throw `tooFewValues`, and `outOfRange` for a p outside [0, 1] or NaN.
public enum Multiplicity {
    /// Holds the chance of any false claim, whatever the dependence.
    ///
    /// - Source: S. Holm, *A simple sequentially rejective multiple test procedure*, Scandinavian
    ///   Journal of Statistics 6 (1979).
    public static func holm(_ p: [Double]) throws(StatisticsError) -> [Double] {
        try check(p)
        var adjusted = p
        var largest = 0.0
        for (rank, index) in ascending(p).enumerated() {
            largest = max(largest, min(1, p[index] * Double(p.count - rank)))
            adjusted[index] = largest
        }
        return adjusted
    }

    /// Holds the expected share of false claims among the claims, for independent or positively
    /// dependent cells.
    ///
    /// - Source: Y. Benjamini and Y. Hochberg, *Controlling the false discovery rate*, Journal of
    ///   the Royal Statistical Society B 57 (1995).
    public static func benjaminiHochberg(_ p: [Double]) throws(StatisticsError) -> [Double] {
        try check(p)
        var adjusted = p
        var least = 1.0
        for (rank, index) in ascending(p).enumerated().reversed() {
            least = min(least, p[index] * Double(p.count) / Double(rank + 1))
            adjusted[index] = least
        }
        return adjusted
    }

    /// The confidence for the intervals of the cells that `benjaminiHochberg` selected.
    ///
    /// - Parameters:
    ///   - selected: R, how many cells were selected, from 1.
    ///   - cells: m, how many there are.
    /// - Returns: 1 − level·R/m.
    /// - Throws: `outOfRange` unless 1 ≤ R ≤ m and the level lies in (0, 1).
    /// - Source: Y. Benjamini and D. Yekutieli, *False discovery rate-adjusted multiple confidence
    ///   intervals for selected parameters*, JASA 100 (2005).
    public static func confidence(
        selected: Int, of cells: Int, level: Double = 0.05
    ) throws(StatisticsError) -> Double {
        try Check.fraction(level, "level")
        guard selected >= 1, selected <= cells else {
            throw .outOfRange(parameter: "selected cells", value: Double(selected))
        }
        return 1 - level * Double(selected) / Double(cells)
    }

    private static func check(_ p: [Double]) throws(StatisticsError) {
        guard !p.isEmpty else { throw .tooFewValues(needed: 1, given: 0) }
        if let bad = p.first(where: { !($0 >= 0 && $0 <= 1) }) {
            throw .outOfRange(parameter: "p", value: bad)
        }
    }

    private static func ascending(_ p: [Double]) -> [Int] { p.indices.sorted { p[$0] < p[$1] } }
}
