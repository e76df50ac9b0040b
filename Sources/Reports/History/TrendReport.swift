// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Verdicts

/// What `plumbline history trend` prints: the levels of cells through the experiments.
package struct TrendReport: Report {
    package let trends: [Trend]
    /// Smaller changes were not looked for, a fraction.
    private let leastChange: Double

    /// A report of these series.
    package init(_ trends: [Trend], leastChange: Double) {
        self.trends = trends
        self.leastChange = leastChange
    }

    package var document: JSONObject {
        JSONObject([
            "schema": "plumbline.trend/1", "least_change_percent": 100 * leastChange,
            "series": trends.map(\.document),
        ])
    }

    package var page: TextPage {
        .ofList(trends) { page in
            for trend in trends {
                page.add(TextParagraph(lead: trend.label))
                page.add(TextParagraph(trend.key.text, indent: 2, hanging: 2))
                page.add(trend.table)
                page.add()
            }
            page.add(TextParagraph(sentence, role: .faint))
        }
    }

    /// What counts as a change.
    var sentence: String {
        "A change has p < \(Decimal.fixed(Trend.significance, 3)), at least 3 experiments on "
            + "either side, and a size of at least \(Change.short(100 * leastChange))."
    }
}

extension HistorySeries.Key {
    /// `suite demo, time, against 6.12 (6.12.117), init_on_alloc=1, on Example CPU, x86_64, 2 CPUs,
    /// 24 GiB`.
    var text: String {
        let release = kernel.isEmpty || compared.hasSuffix(kernel) ? "" : " (\(kernel))"
        var parts = ["suite \(suite)", metric, compared + release]
        if settings != "" { parts.append(settings ?? "kernel settings not recorded") }
        parts.append("on \(machine)")
        parts += toolVersion.map { ["by plumbline \($0)"] } ?? []
        return parts.joined(separator: ", ")
    }
}

extension Trend {
    /// The levels, and what is said below them.
    fileprivate var table: TextTable {
        var table = TextTable(indent: 2)
        // A column without a text is left out, with its title.
        let (change, first) = levels.count > 1 ? ("change", "first of the level") : ("", "")
        if !levels.isEmpty {
            table.addTitles(
                "from", "to", .right("n"), .right(measure.title), .left(change), .left(first))
        }
        for level in levels {
            let (first, last) = ends(of: level)
            table.add(
                .left(first.day), .left(last.day), .right("\(level.range.count)"),
                .right(text(of: level)), .left(changeText(of: level)),
                .left(level.change == nil ? "" : first.kernelText))
        }
        for note in notes { table.add(.note(note)) }
        return table
    }

    /// What the newest experiment says, and how many say nothing.
    var notes: [String] {
        var notes: [String] = []
        if let last = points.last {
            let parts = [last.effect.map(Change.signed), last.interval.map(Change.interval)]
            notes.append(
                "newest: \(last.experiment), \(last.kernelText): "
                    + (parts.compactMap { $0 } + [last.verdict]).joined(separator: " "))
        }
        if leftOut > 0 {
            notes.append("\(Decimal.count(leftOut, "experiment")) without a figure left out")
        }
        return notes
    }

    /// A level's first and last experiment.
    func ends(of level: Level) -> (HistorySeries.Point, HistorySeries.Point) {
        (points[level.range.lowerBound], points[level.range.upperBound - 1])
    }

    /// A level's mean: `+2.60%`, `171K`.
    func text(of level: Level) -> String {
        measure == .effect ? Change.signed(level.mean) : Decimal.rate(level.mean)
    }

    /// `-4.92% p<0.001`; empty for the first level.
    func changeText(of level: Level) -> String {
        guard let change = level.change, let p = level.p else { return "" }
        return "\(Change.signed(change)) \(Change.p(p))"
    }

    fileprivate var document: JSONObject {
        JSONObject([
            "cell": key.cell, "label": label, "suite": key.suite, "metric": key.metric,
            "machine": key.machine, "compared": key.compared, "kernel": key.kernel,
            "settings": key.settings, "tool_version": key.toolVersion,
            "measure": measure.rawValue, "left_out": leftOut, "points": points,
            "levels": levels.map { level in
                JSONObject([
                    "first": points[level.range.lowerBound].experiment,
                    "experiments": level.range.count,
                    (measure == .effect ? "effect_percent" : "rate"): level.mean,
                    "change_percent": level.change, "p_value": level.p,
                ])
            },
        ])
    }
}

extension Trend.Measure {
    /// The title of a level's mean.
    var title: String { self == .effect ? "A -> B" : "rate of B" }
}

extension HistorySeries.Point {
    /// `2026-11-30`.
    var day: String { String(Timestamp.readable(UInt64(clamping: startedAt)).prefix(10)) }
    /// `git:.@next (6.12.0)`.
    var kernelText: String {
        kernelRelease.isEmpty || kernelRelease == candidate
            ? candidate : "\(candidate) (\(kernelRelease))"
    }
}
