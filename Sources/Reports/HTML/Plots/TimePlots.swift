// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Statistics
import Verdicts

extension Plot {
    /// More points are lines alone.
    private static let mostDots = 48
    private static let timeAxis = "measured time of this cell, s"

    /// The effects of blocks and rounds in the order in which they ran; nil without any.
    ///
    /// - Parameter margin: X, percent.
    static func effects(_ cell: CellVerdict, margin: Double, marginText: String) -> Plot? {
        let timeline = cell.timeline
        let effects = timeline.points.map { Percent.change(ofLogRatio: $0.effect) }
        guard !effects.isEmpty, let range = ClosedRange(around: effects + [-margin, margin]) else {
            return nil
        }
        let rounds = timeline.roundMeans
        let each =
            timeline.blocksPerPoint > 1 ? "up to \(timeline.blocksPerPoint) blocks" : "block"
        var words =
            "\(Decimal.count(timeline.points.count, "point")), each of "
            + "\(timeline.blocksPerPoint > 1 ? each : "one block"), from "
            + "\(Change.signed(effects.min() ?? 0)) to \(Change.signed(effects.max() ?? 0))"
        if let least = rounds.map(\.percent).min(), let most = rounds.map(\.percent).max() {
            words +=
                "; the means of \(Decimal.count(rounds.count, "round")) from "
                + "\(Change.signed(least)) to \(Change.signed(most))"
        }
        var plot = Plot("Effect in the order of the blocks", words: words + ".")
        plot.addAxes(x: timeAxis, y: "B vs A, %")
        plot.addBand(from: -margin, to: margin)
        plot.add("points", zip(timeline.points, effects).map { [$0.time, $1] })
        var items = ["$points using 1:2 with points pt 7 \(Ink.block.line) title '\(each)'"]
        if rounds.count > 1 {
            let lines = rounds.flatMap {
                [[$0.start, $0.percent], [$0.end, $0.percent], []]
            }
            plot.add("rounds", lines)
            items.append("$rounds using 1:2 with lines \(Ink.round.line) title 'round'")
        }
        items.append("keyentry with boxes \(Ink.margin.fill) title '±\(marginText)'")
        plot.finish(timeline, range, items: items + ["0 with lines \(Ink.frame.line) notitle"])
        return plot
    }

    /// What each arm did in the order in which it ran; nil without anything that counts.
    static func figures(_ cell: CellVerdict) -> Plot? {
        let points = cell.timeline.points
        let scale = FigureScale(cell.metric, most: points.flatMap(\.figures).max() ?? 0)
        guard
            let range = ClosedRange(around: points.flatMap(\.figures).map { $0 / scale.divisor })
        else { return nil }
        let arms = zip(["A", "B"], cell.arms).map { "\($0) \(cell.text($1) ?? "-")" }
        var plot = Plot(
            "\(scale.title) over time",
            words: "\(arms.joined(separator: ", ")) over "
                + "\(Decimal.significant(cell.timeline.length, 3)) s of this cell's slices.")
        plot.addAxes(x: timeAxis, y: scale.unit)
        let showsBoots = cell.timeline.boots.count <= mostBoots
        var items: [String] = []
        for (place, ink) in [Ink.a, .b].enumerated() {
            var rows: [[Double]] = []
            for (number, point) in points.enumerated() {
                let isNewBoot = number > 0 && points[number - 1].round != point.round
                if isNewBoot, showsBoots { rows.append([]) }
                rows.append([point.time, point.figures[place] / scale.divisor])
            }
            plot.add(ink.name, rows)
            if points.count <= mostDots {
                items.append("$\(ink.name) using 1:2 with points pt 7 \(ink.line) notitle")
            }
            items.append(
                "$\(ink.name) using 1:2 with lines \(ink.line) title '\(ink.name.uppercased())'")
        }
        plot.finish(cell.timeline, range, items: items)
        return plot
    }

    private mutating func finish(
        _ timeline: CellTimeline, _ range: ClosedRange<Double>, items: [String]
    ) {
        var items = items
        if addBoots(timeline.boots) {
            items.append("keyentry with lines \(Ink.boot.line) title 'boot'")
        }
        if !timeline.voids.isEmpty {
            add("voids", timeline.voids.map { [$0, range.lowerBound] })
            items.append("$voids using 1:2 with points pt 7 \(Ink.void.line) title 'void'")
        }
        draw(x: 0...max(timeline.length, 1e-9), y: range, items)
    }
}

/// In what a cell's figures are plotted.
private struct FigureScale {
    var title: String
    var unit: String
    var divisor = 1.0

    init(_ metric: CellMetric, most: Double) {
        switch metric {
        case .bandwidth: (title, unit, divisor) = ("Throughput", "MiB/s", 1_048_576)
        case .iops:
            let step = most >= 1e6 ? 1e6 : most >= 1e4 ? 1e3 : 1
            let prefix = step == 1e6 ? "million " : step == 1e3 ? "thousand " : ""
            (title, unit, divisor) = ("Throughput", "\(prefix)operations/s", step)
        case .instructions: (title, unit) = ("Instructions", "instructions per operation")
        case .own(let metric): (title, unit) = (metric.name, metric.unit.text.printable)
        }
    }
}

extension CellTimeline {
    /// A round of boots: its time, and the mean of its blocks.
    fileprivate struct RoundMean {
        var start: Double
        var end: Double
        var percent: Double
    }

    /// The rounds with blocks that count, in the order in which they ran.
    fileprivate var roundMeans: [RoundMean] {
        var sums: [(round: Int, first: Double, last: Double, sum: Double, blocks: Double)] = []
        for point in points {
            guard let round = point.round else { continue }
            if sums.last?.round != round { sums.append((round, point.time, 0, 0, 0)) }
            let blocks = Double(point.blocks)
            sums[sums.count - 1].last = point.time
            sums[sums.count - 1].sum += blocks * point.effect
            sums[sums.count - 1].blocks += blocks
        }
        let half = length / Double(max(1, 4 * points.count))
        return sums.map {
            RoundMean(
                start: $0.first - half, end: $0.last + half,
                percent: Percent.change(ofLogRatio: $0.sum / $0.blocks))
        }
    }
}
