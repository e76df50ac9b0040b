// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Verdicts

extension Plot {
    /// More points than this have no intervals: they would be a wall.
    private static let mostIntervals = 400

    /// A series: its experiments with their intervals, its levels, and where it changed; nil without
    /// a figure.
    static func trend(_ trend: Trend) -> Plot? {
        let isRate = trend.measure == .rate
        let times = trend.points.map { Double($0.startedAt) / 1e9 }
        let values = trend.points.map { (isRate ? $0.rateB : $0.effect) ?? .nan }
        let showsRanges = !isRate && trend.points.count <= mostIntervals
        let ranges = showsRanges ? trend.points.map(\.interval) : []
        let ends = ranges.flatMap { $0.map { [$0.lower, $0.upper] } ?? [] }
        guard let x = ClosedRange(around: times), let y = ClosedRange(around: values + ends) else {
            return nil
        }
        let what = isRate ? "rate of B" : "change from A to B"
        var plot = Plot("Trend of the \(what)", words: trend.words, width: 460)
        plot.addAxes(
            x: "begin of the experiment (UTC)", y: isRate ? what : "\(what), %")
        plot.add("set format y '\(isRate ? "%.1s%c" : "%g")'")
        plot.add("set rmargin 5")
        plot.add("set xtics (\(timeTicks(x)))")
        var items: [String] = []
        if !ends.isEmpty {
            let rows = zip(times, ranges).flatMap { time, range in
                range.map { [[time, $0.lower], [time, $0.upper], []] } ?? []
            }
            plot.add("ranges", rows)
            items.append("$ranges using 1:2 with lines \(Ink.range.line) title 'interval'")
        }
        plot.add("points", zip(times, values).map { [$0, $1] })
        items.append("$points using 1:2 with points pt 7 \(Ink.experiment.line) title 'experiment'")
        items += plot.addLevels(of: trend, at: times)
        if !isRate { items.append("0 with lines \(Ink.frame.line) notitle") }
        plot.draw(x: x, y: y, items)
        return plot
    }

    /// Adds a line for each level, and one where each but the first begins.
    ///
    /// - Parameter times: those of the experiments, seconds.
    /// - Returns: what is drawn, in gnuplot's words.
    private mutating func addLevels(of trend: Trend, at times: [Double]) -> [String] {
        add(
            "levels",
            trend.levels.flatMap { level in
                let ends = [level.range.lowerBound, level.range.upperBound - 1]
                return ends.map { [times[$0], level.mean] } + [[]]
            })
        for level in trend.levels.dropFirst() {
            let time = times[level.range.lowerBound]
            add("set arrow from \(time), graph 0 to \(time), graph 1 nohead \(Ink.shift.line) back")
        }
        let items = ["$levels using 1:2 with lines \(Ink.level.line) title 'level'"]
        guard trend.levels.count > 1 else { return items }
        return items + ["keyentry with lines \(Ink.shift.line) title 'change'"]
    }

    /// At most six days, or times of a day, at even distances: `'2026-11-30' 1796342400, …`.
    private static func timeTicks(_ range: ClosedRange<Double>) -> String {
        let day = 86_400
        let steps =
            [60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600]
            + [1, 2, 7, 14, 28, 56, 91, 182, 365].map { $0 * day }
        let length = range.upperBound - range.lowerBound
        let step = steps.first { length / Double($0) <= 5 } ?? Int(length / 5)
        let first = Int((range.lowerBound / Double(step)).rounded(.up))
        let last = Int((range.upperBound / Double(step)).rounded(.down))
        guard first <= last else { return "" }
        return (first...last).map { place in
            let text = Timestamp.readable(UInt64(clamping: place * step) * 1_000_000_000)
            return
                "'\(step < day ? text.dropFirst(5).prefix(11) : text.prefix(10))' \(place * step)"
        }.joined(separator: ", ")
    }
}

extension Trend {
    /// What the plot shows, for those who do not see it.
    fileprivate var words: String {
        let levels = levels.map { level in
            let (first, last) = ends(of: level)
            return "\(text(of: level)) from \(first.day) to \(last.day)"
        }
        return "\(Decimal.count(points.count, "experiment")): "
            + "\(levels.joined(separator: ", then "))."
    }
}
