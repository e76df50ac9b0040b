// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Statistics

/// Where a series of experiments changed its level.
package struct Trend: Sendable {
    /// What is looked at.
    package enum Measure: String, Sendable, CaseIterable {
        /// The change from A to B of each experiment.
        case effect
        /// The rate of B by itself, which holds for one machine and one version only.
        case rate
    }

    /// Experiments between two changes.
    package struct Level: Sendable, Equatable {
        /// Places in `points`.
        package var range: Range<Int>
        /// The mean: of effects in percent, of rates in the cell's unit.
        package var mean: Double
        /// How it differs from the level before, percent; absent for the first.
        package var change: Double?
        /// The p of that.
        package var p: Double?
    }

    /// The least change that is looked for unless the user says so, a fraction.
    package static let leastChange = 0.01
    /// The level of a change's test.
    package static let significance = 0.001

    /// What the experiments share.
    package let key: HistorySeries.Key
    /// The cell's name for people.
    package let label: String
    /// What was looked at.
    package let measure: Measure
    /// The experiments that say something of it.
    package let points: [HistorySeries.Point]
    /// How many say nothing: an invalid cell, and one without a block that counts.
    package let leftOut: Int
    /// The levels, one without changes; none without points.
    package let levels: [Level]

    /// Searches one series.
    ///
    /// - Parameter leastChange: smaller changes are none, a fraction from 0.
    package init(
        _ series: HistorySeries, of measure: Measure = .effect,
        leastChange: Double = Self.leastChange
    ) throws(StatisticsError) {
        key = series.key
        label = series.label
        self.measure = measure
        let found = series.points.compactMap { point in
            measure.value(of: point).map { (point: point, value: $0) }
        }
        points = found.map(\.point)
        leftOut = series.points.count - found.count
        let values = found.map(\.value)
        let changes = try ChangePoints(
            values, level: Self.significance, leastMagnitude: log1p(leastChange)
        ).changes
        guard !values.isEmpty else {
            levels = []
            return
        }
        let starts = [0] + changes.map(\.index)
        let ends = changes.map(\.index) + [values.count]
        levels = zip(starts, ends).enumerated().map { place, ends in
            let change = place > 0 ? changes[place - 1] : nil
            let part = values[ends.0..<ends.1]
            return Level(
                range: ends.0..<ends.1,
                mean: measure.figure(part.reduce(0, +) / Double(part.count)),
                change: change.map { Percent.change(ofLogRatio: $0.magnitude) }, p: change?.p)
        }
    }

    /// All series of points; rates of different versions are in series of their own.
    package static func all(
        _ points: [(key: HistorySeries.Key, point: HistorySeries.Point)],
        of measure: Measure = .effect, leastChange: Double = Self.leastChange
    ) throws(StatisticsError) -> [Trend] {
        var trends: [Trend] = []
        for series in HistorySeries.sorted(points.map { measure.keyed($0.key, $0.point) }) {
            trends.append(try Trend(series, of: measure, leastChange: leastChange))
        }
        return trends
    }
}

extension Trend.Measure {
    /// The natural logarithm that is searched; nil where the experiment has none.
    func value(of point: HistorySeries.Point) -> Double? {
        guard point.counts else { return nil }
        switch self {
        case .effect: return point.effect.map { Percent.logRatio(ofChange: $0) }
        case .rate: return point.rateB.flatMap { $0 > 0 ? log($0) : nil }
        }
    }

    /// The figure that a mean of such values stands for.
    fileprivate func figure(_ value: Double) -> Double {
        self == .effect ? Percent.change(ofLogRatio: value) : exp(value)
    }

    fileprivate func keyed(
        _ key: HistorySeries.Key, _ point: HistorySeries.Point
    ) -> (key: HistorySeries.Key, point: HistorySeries.Point) {
        var key = key
        if self == .rate { key.toolVersion = point.toolVersion }
        return (key, point)
    }
}
