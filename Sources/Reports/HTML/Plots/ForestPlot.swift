// SPDX-License-Identifier: GPL-3.0-or-later

import Statistics
import Verdicts

extension Plot {
    private struct Row {
        var name: String
        var percent: Double?
        var interval: Interval?
        var ink = Ink.estimate
    }

    /// The effect with its interval against ±X, what it is made of, and what was claimed; nil without
    /// an effect.
    ///
    /// - Parameter margin: X, percent.
    static func forest(_ cell: CellVerdict, margin: Double, marginText: String) -> Plot? {
        guard let effect = cell.effect else { return nil }
        var rows = [Row(name: "B vs A", percent: effect, interval: cell.interval)]
        for part in cell.parts?.parts ?? [] {
            rows.append(
                Row(
                    name: part.name.rawValue, percent: part.percent,
                    interval: part.interval?.percent, ink: .part))
        }
        for figure in cell.claim?.claim.figures ?? [] where figure.quantity == .rate {
            let range = Interval(lower: figure.low, upper: figure.high, confidence: 1)
            let isOne = figure.low == figure.high
            rows.append(
                Row(
                    name: "claimed", percent: isOne ? figure.low : nil,
                    interval: isOne ? nil : range, ink: .claim))
        }
        let ends = rows.flatMap { row in
            [row.percent, row.interval?.lower, row.interval?.upper].compactMap { $0 }
        }
        guard let range = ClosedRange(around: ends + [-margin, margin]) else { return nil }
        let words = [
            "B against A: \(cell.shortChangeText)", "\(cell.outcome.rawValue)",
            "±\(marginText) counts as no change",
        ]
        let rest =
            (cell.parts.map { [$0.text] } ?? []) + (cell.claim?.lines ?? [])
        // A legend of more than two entries has a line for each.
        let kinds = Set(rows.map(\.ink)).count
        let legend = kinds > 1 ? 16 * kinds : 0
        var plot = Plot(
            "Change from A to B, and ±\(marginText)",
            words: (words + rest).joined(separator: "; ") + ".",
            height: 92 + 20 * rows.count + legend)
        plot.addAxes(x: "change from A to B, %")
        plot.addBand(from: -margin, to: margin, acrossX: true)
        let isOtherSetUp = cell.claim?.differs.isEmpty == false
        plot.draw(
            rows, range,
            titles: [
                .margin: "±\(marginText)", .estimate: "change, interval", .part: "made of",
                .claim: isOtherSetUp ? "claimed, other set-up" : "claimed",
            ])
        return plot
    }

    private mutating func draw(
        _ rows: [Row], _ range: ClosedRange<Double>, titles: [Ink: String]
    ) {
        let places = rows.indices.map { Double(rows.count - $0) }
        let names = zip(rows, places).map { "'\($0.name)' \($1)" }
        add("set ytics (\(names.joined(separator: ", ")))")
        var items = ["keyentry with boxes \(Ink.margin.fill) title '\(titles[.margin] ?? "")'"]
        for ink in [Ink.estimate, .part, .claim] {
            let title = titles[ink] ?? ""
            let own = zip(rows, places).filter { $0.0.ink == ink }
            guard !own.isEmpty else { continue }
            add(
                "\(ink)Bars",
                own.flatMap { row, place in
                    row.interval.map { [[$0.lower, place], [$0.upper, place], []] } ?? []
                })
            add(
                "\(ink)Dots",
                own.compactMap { row, place in row.percent.map { [$0, place] } })
            let hasBars = own.contains { $0.0.interval != nil }
            if hasBars {
                items.append("$\(ink)Bars using 1:2 with lines \(ink.line) title '\(title)'")
            }
            if own.contains(where: { $0.0.percent != nil }) {
                let name = hasBars ? "notitle" : "title '\(title)'"
                items.append("$\(ink)Dots using 1:2 with points pt 7 \(ink.line) \(name)")
            }
        }
        add("set arrow from 0, graph 0 to 0, graph 1 nohead \(Ink.frame.line)")
        draw(x: range, y: 0.4...Double(rows.count) + 0.6, items)
    }
}
