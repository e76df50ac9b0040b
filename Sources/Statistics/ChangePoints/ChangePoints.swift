// SPDX-License-Identifier: GPL-3.0-or-later

/// Where a series of results changed its level; the same series always has the same answer.
///
/// Windows are cut where their parts differ most, as long as a t-test says at ten times the level
/// that they do; then the weakest cuts go, one by one, until each of those that stay separates its
/// neighbours at the level and by the least magnitude.
///
/// Sources: D. Daly and others, *The use of change point detection to identify software
/// performance regressions in a continuous integration system*, ICPE 2020; with t-tests in the
/// place of permutations, M. Fleming, P. Kołaczkowski and others, *Hunter: using change point
/// detection to hunt for performance regressions*, ICPE 2023; the cuts: `EnergySplit`.
public struct ChangePoints: Sendable, Equatable {
    /// One change of level.
    public struct Change: Sendable, Equatable {
        /// The place of the first value at the new level, from 0.
        public let index: Int
        /// The mean from the change before to this one, in the series' unit.
        public let before: Double
        /// The mean from this change to the next.
        public let after: Double
        /// The two-sided p of Student's t-test between both parts.
        public let p: Double

        /// How far the level moved.
        public var magnitude: Double { after - before }
    }

    /// The fewest values on either side of a change.
    public static let leastPart = 3

    /// The changes in ascending order of place.
    public let changes: [Change]

    /// Searches a series of any length; fewer than six values have no change.
    ///
    /// The time grows with the length times the window's.
    ///
    /// - Parameters:
    ///   - values: one a run in the order of time, best the log effect of B over A.
    ///   - level: the p of each change, in (0, 0.1].
    ///   - leastMagnitude: changes of the mean below it are none; the series' unit, not negative.
    ///   - window: how many values are looked at together, from 10: what comes up and goes down
    ///     again within a long series is found in a window of its own.
    /// - Throws: `notFinite`, `outOfRange`.
    public init(
        _ values: [Double], level: Double = 0.001, leastMagnitude: Double = 0, window: Int = 50
    ) throws(StatisticsError) {
        try Check.sample(values, atLeast: 0)
        guard level > 0, level <= 0.1 else { throw .outOfRange(parameter: "level", value: level) }
        guard leastMagnitude >= 0, leastMagnitude.isFinite else {
            throw .outOfRange(parameter: "least magnitude", value: leastMagnitude)
        }
        try Check.count(window, atLeast: 10, "window")
        var cuts = try Self.candidates(values, level: min(10 * level, 1), window: window)
        while true {
            let changes = try Self.changes(values, at: cuts)
            guard let weakest = Self.weakest(changes, level: level, leastMagnitude: leastMagnitude)
            else {
                self.changes = changes
                return
            }
            cuts.remove(at: weakest)
        }
    }

    private static func candidates(
        _ values: [Double], level: Double, window: Int
    ) throws(StatisticsError) -> [Int] {
        var cuts: [Int] = []
        var start = 0
        while start < values.count {
            let end = min(start + window, values.count)
            let found = try split(values, in: start..<end, level: level)
            cuts += found
            if end == values.count { break }
            start = max(found.last ?? 0, start + window / 2)
        }
        return cuts
    }

    /// The places of the cuts of a range, in ascending order.
    ///
    /// A cut that its own test does not show stays where one of its parts has a cut: what goes down
    /// and comes up again hides both of its ends from a test of the whole.
    private static func split(
        _ values: [Double], in range: Range<Int>, level: Double
    ) throws(StatisticsError) -> [Int] {
        guard range.count >= 2 * leastPart else { return [] }
        let cut = range.lowerBound + EnergySplit(values[range], leastPart: leastPart).place
        let test = try StudentT.pooled(
            from: Array(values[range.lowerBound..<cut]),
            to: Array(values[cut..<range.upperBound]))
        let before = try split(values, in: range.lowerBound..<cut, level: level)
        let after = try split(values, in: cut..<range.upperBound, level: level)
        guard test.p < level || !before.isEmpty || !after.isEmpty else { return [] }
        return before + [cut] + after
    }

    private static func changes(
        _ values: [Double], at cuts: [Int]
    ) throws(StatisticsError) -> [Change] {
        let edges = [0] + cuts + [values.count]
        var changes: [Change] = []
        for (index, cut) in cuts.enumerated() {
            let before = Array(values[edges[index]..<cut])
            let after = Array(values[cut..<edges[index + 2]])
            let test = try StudentT.pooled(from: before, to: after)
            changes.append(
                Change(
                    index: cut, before: mean(before), after: mean(after), p: test.p))
        }
        return changes
    }

    private static func mean(_ values: [Double]) -> Double {
        values.reduce(0, +) / Double(values.count)
    }

    /// The place of a change that does not hold: that of the largest p, or else the smallest.
    private static func weakest(
        _ changes: [Change], level: Double, leastMagnitude: Double
    ) -> Int? {
        let byP = changes.indices.max { changes[$0].p < changes[$1].p }
        if let byP, changes[byP].p >= level { return byP }
        let bySize = changes.indices.min {
            abs(changes[$0].magnitude) < abs(changes[$1].magnitude)
        }
        if let bySize, abs(changes[bySize].magnitude) < leastMagnitude { return bySize }
        return nil
    }
}
