// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Verdicts

extension TrendReport {
    package var htmlPage: HTMLPage? {
        let plots = trends.map(Plot.trend)
        return HTMLPage(title: "Trends", plots: plots.compactMap { $0 }) { drawings in
            var drawings = drawings[...]
            let series = zip(trends, plots).enumerated().map { number, part in
                let id = "s\(number + 1)"
                let drawn = part.1.map { [$0.html(drawings.popFirst(), id: "\(id)p")] } ?? []
                return part.0.html(id: id, plots: drawn)
            }
            return [
                "trends": [
                    "sentence": sentence, "isEmpty": trends.isEmpty, "series": series,
                    "measure": trends.first?.measure.title ?? "",
                ] as PageContext
            ]
        }
    }
}

extension Trend {
    fileprivate func html(id: String, plots: [PageContext]) -> PageContext {
        let rows = levels.map { level -> PageContext in
            let (first, last) = ends(of: level)
            return [
                "from": first.day, "to": last.day, "count": level.range.count,
                "mean": text(of: level), "change": changeText(of: level),
                "kernel": first.kernelText, "experiment": first.experiment,
            ]
        }
        var change = ""
        if let last = levels.last, last.change != nil {
            change = "\(ends(of: last).0.day) \(changeText(of: last))"
        }
        return [
            "id": id, "name": label, "cell": key.cell, "key": key.text, "suite": key.suite,
            "compared": key.compared, "count": points.count,
            "level": levels.last.map(text) ?? "-", "change": change, "plots": plots,
            "levels": rows, "hasLevels": !rows.isEmpty, "notes": notes,
        ]
    }
}
