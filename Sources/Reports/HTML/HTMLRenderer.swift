// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Mustache

/// A page for a browser: one file without scripts, which loads nothing from elsewhere.
///
/// A report with verdicts has plots; another one is the report for people as headings and tables.
package struct HTMLRenderer: Renderer {
    package static let name = "html"
    package static let part = ReportPart.page
    /// The page with words in the plots' places.
    package static let withoutPlots = HTMLRenderer(gnuplot: Gnuplot(program: ""))

    /// What draws the plots.
    var gnuplot = Gnuplot()

    package func render(_ report: some Report, style: TextStyle) throws(PlumblineError) -> String {
        let verdicts = report.verdicts
        let plots = verdicts.map(\.plots)
        var drawings = gnuplot.draw(plots.flatMap { $0.flatMap { $0 } })[...]
        var context: PageContext = ["style": Self.text(PackageResources.page_css)]
        if verdicts.isEmpty {
            context["title"] = "plumbline"
            context["text"] = report.page.html
        } else {
            context["title"] = verdicts.count == 1 ? verdicts[0].header.suite.name : "Journals"
            if verdicts.count > 1 { context["overview"] = VerdictOverview(verdicts).html }
            context["reports"] = verdicts.enumerated().map { number, report in
                report.html(
                    number: number, of: verdicts.count, plots: plots[number], drawings: &drawings)
            }
        }
        do {
            let template = try Self.template.get()
            return template.render(context)
        } catch {
            throw .failure("the page's template cannot be read: \(error)")
        }
    }

    /// The page, whose texts are escaped by `PageText`.
    private static let template = Result {
        MustacheContentTypes.register(PageText(), named: "PLUMBLINE")
        return try MustacheTemplate(string: text(PackageResources.page_mustache))
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// What a template takes its texts from.
typealias PageContext = [String: Any]
