// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Verdicts

extension TrendReport {
    /// One page with everything in it: plots as SVG, and each level in a table.
    package var html: String { html(draw: TrendPlot.draw) }

    /// The same.
    ///
    /// - Parameter draw: makes the inside of an SVG element of a script of gnuplot.
    func html(draw: (String) -> Result<String, TrendPlot.MissingPlot>) -> String {
        let sections = trends.map { trend in
            """
            <section>
            <h2>\(trend.label.escapedMarkup)</h2>
            <p>\(trend.key.cell.escapedMarkup)</p>
            <p>\(trend.key.text.escapedMarkup)</p>
            \(trend.figure(draw))
            \(trend.markup)
            </section>

            """
        }
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>plumbline: trends</title>
            <style>
            :root { color-scheme: light dark; }
            body { font: 16px/1.5 sans-serif; max-width: 60rem; margin: auto; padding: 0 1rem; }
            h2, p { overflow-wrap: anywhere; }
            svg { width: 100%; height: auto; }
            .table { overflow-x: auto; }
            table { border-collapse: collapse; }
            th, td { text-align: left; padding: 0.2rem 0.6rem; border-bottom: 1px solid #8884; }
            th, td:not(:last-child) { white-space: nowrap; }
            section { break-inside: avoid; }
            </style>
            </head>
            <body>
            <h1>Trends</h1>
            <p>\(sentence.escapedMarkup)</p>
            \(sections.isEmpty ? "<p>No experiment fits.</p>\n" : sections.joined())</body>
            </html>

            """
    }
}

extension Trend {
    fileprivate func figure(_ draw: (String) -> Result<String, TrendPlot.MissingPlot>) -> String {
        guard !points.isEmpty else { return "<p>No experiment has a figure.</p>" }
        switch draw(TrendPlot(self).script) {
        case .success(let drawing):
            return """
                <svg viewBox="0 0 860 280" role="img" xmlns="http://www.w3.org/2000/svg" \
                xmlns:xlink="http://www.w3.org/1999/xlink">
                <title>\(label.escapedMarkup)</title>
                <desc>\(words.escapedMarkup)</desc>
                \(drawing)</svg>
                """
        case .failure(let missing):
            return "<p><strong>No plot: \(missing.why.escapedMarkup)</strong></p>"
        }
    }

    /// What the plot shows, for those who do not see it.
    private var words: String {
        let levels = levels.map { level in
            let (first, last) = ends(of: level)
            return "\(text(of: level)) from \(first.day) to \(last.day)"
        }
        return "\(points.count) experiments: \(levels.joined(separator: ", then "))."
    }

    fileprivate var markup: String {
        let titles = ["from", "to", "experiments", measure.title, "change", "first of the level"]
        let rows = levels.map { level in
            let (first, last) = ends(of: level)
            return [
                first.day, last.day, "\(level.range.count)", text(of: level),
                changeText(of: level), "\(first.kernelText), \(first.experiment)",
            ]
        }
        func row(_ element: String, _ cells: [String]) -> String {
            "<tr>\(cells.map { "<\(element)>\($0.escapedMarkup)</\(element)>" }.joined())</tr>\n"
        }
        return "<div class=\"table\"><table>\n"
            + ([row("th", titles)] + rows.map { row("td", $0) }).joined() + "</table></div>"
    }
}

extension String {
    /// The text without markup, for HTML.
    fileprivate var escapedMarkup: String {
        // Scalars, not characters: a combining mark makes another character of `<`.
        printable.unicodeScalars.map { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            case "'": "&#39;"
            default: String(scalar)
            }
        }.joined()
    }
}
