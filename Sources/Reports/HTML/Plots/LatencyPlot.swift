// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Journal
import Protocol
import Verdicts

extension Plot {
    /// The percentile curves of each kind of operation, A against B, with a band from the least to
    /// the greatest unit.
    static func latencies(_ cell: CellVerdict) -> [Plot] {
        zip(cell.arms[0].latencies, cell.arms[1].latencies).enumerated().compactMap {
            place, tracks in
            let units = cell.arms.map {
                $0.latencyUnits.indices.contains(place) ? $0.latencyUnits[place] : []
            }
            return latency(
                tracks.0.track, [tracks.0.record, tracks.1.record], of: units,
                unit: cell.countsRounds ? "rounds" : "batches", tails: cell.tails)
        }
    }

    private static func latency(
        _ track: String, _ records: [LatencyRecord], of units: [[UnitTail]], unit: String,
        tails: [TailChange]
    ) -> Plot? {
        let curves = records.map { LatencyCounts(text: $0.histogram)?.curve ?? [] }
        let values = curves.flatMap { $0 }.map { max(1, Double($0)) }
        guard let least = values.min(), let most = values.max(), curves.allSatisfy({ $0.count > 1 })
        else { return nil }
        let words = (CellVerdict.quantiles + [("max", 1, \.max)]).map { name, quantile, figure in
            let times = records.map { Decimal.time(nanoseconds: Double($0[keyPath: figure])) }
            let change = tails.first { $0.track == track && $0.quantile == quantile }
            return "\(name) A \(times[0]), B \(times[1])" + (change.map { ", \($0.text)" } ?? "")
        }
        let loop = records[0].closedLoop ? ", closed loop" : ""
        var plot = Plot(
            "Latency by percentile: \(track)\(loop)",
            words: "\(words.joined(separator: "; ")). Bands: from the least to the greatest of the "
                + "\(unit == "rounds" ? unit : "batches of blocks").", height: 250)
        plot.addAxes(x: "percentile, % (scale 1/(1 - p))", y: "latency")
        plot.add("set logscale xy")
        let steps = curves.map(\.count).max() ?? 1
        let end = pow(PercentileScale.factor, Double(steps - 1))
        plot.add("set xtics (\(percentTicks(to: end)))")
        plot.add("set ytics (\(timeTicks(from: least, to: most)))")
        var items: [String] = []
        for (ink, tails) in zip([Ink.bandA, .bandB], units) where tails.count > 1 {
            plot.add(ink.name, band(tails))
            items.append("$\(ink.name) using 1:2:3 with filledcurves \(ink.fill) notitle")
        }
        for (ink, curve) in zip([Ink.a, .b], curves) {
            let rows = curve.enumerated().map {
                [pow(PercentileScale.factor, Double($0)), max(1, Double($1))]
            }
            plot.add(ink.name, rows)
            items.append(
                "$\(ink.name) using 1:2 with lines \(ink.line) title '\(ink.name.uppercased())'")
        }
        if units.contains(where: { $0.count > 1 }) {
            let title = "range of \(unit)"
            items.append("keyentry with boxes \(Ink.bandA.fill) title '\(title)'")
        }
        plot.draw(x: 1...max(end, 10), y: least / 1.15...most * 1.15, items)
        return plot
    }

    /// The least and the greatest unit at each point that all units have.
    private static func band(_ units: [UnitTail]) -> [[Double]] {
        let points = units.map(\.curve.count).min() ?? 0
        return (0..<points).map { point in
            let values = units.map { max(1, Double($0.curve[point])) }
            return [
                pow(PercentileScale.factor, Double(point)), values.min() ?? 1, values.max() ?? 1,
            ]
        }
    }

    /// `'0' 1, '50' 2, '90' 10, …`.
    private static func percentTicks(to end: Double) -> String {
        let names = ["90", "99", "99.9", "99.99", "99.999", "99.9999", "99.99999", "99.999999"]
        let ticks = names.enumerated().map { ($1, pow(10, Double($0 + 1))) }
        let all = [("0", 1.0), ("50", 2)] + ticks.filter { $0.1 <= max(end, 10) * 1.01 }
        // Those that fit beside each other, in the units of the plot.
        let scale = 280 / log10(max(end, 10))
        var used = -Double.infinity
        return all.filter { name, place in
            let (middle, half) = (log10(place) * scale, 3.4 * Double(name.count) + 2)
            guard middle - half > used else { return false }
            used = middle + half
            return true
        }.map { "'\($0)' \($1)" }.joined(separator: ", ")
    }

    /// Round times, three for each factor of ten where there are few.
    private static func timeTicks(from least: Double, to most: Double) -> String {
        let steps = most / least < 300 ? [1.0, 2, 5] : [1]
        let times = (0...11).flatMap { power in steps.map { $0 * pow(10, Double(power)) } }
        return times.filter { least / 1.15 <= $0 && $0 <= most * 1.15 }
            .map { "'\(label($0))' \($0)" }.joined(separator: ", ")
    }

    /// `20 us`.
    private static func label(_ nanoseconds: Double) -> String {
        let units = [("s", 1e9), ("ms", 1e6), ("us", 1e3)]
        let (unit, size) = units.first { nanoseconds >= $0.1 } ?? ("ns", 1)
        return "\(Int(nanoseconds / size)) \(unit)"
    }
}
