// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Mustache

/// A page for a browser: one file without scripts, which loads nothing from elsewhere.
///
/// Reports with verdicts and trends have plots; another one is the report for people as headings and
/// tables.
package struct HTMLRenderer: Renderer {
    package static let name = "html"
    package static let part = ReportPart.page
    /// The page with words in the plots' places.
    package static let withoutPlots = HTMLRenderer(gnuplot: Gnuplot(program: ""))

    /// What draws the plots.
    var gnuplot = Gnuplot()

    package func render(_ report: some Report, style: TextStyle) throws(PlumblineError) -> String {
        let page =
            report.htmlPage
            ?? HTMLPage(title: "plumbline", plots: []) { _ in
                ["reports": [["id": "j1", "text": report.page.html] as PageContext]]
            }
        var context = page.context(gnuplot.draw(page.plots))
        context["title"] = page.title
        context["style"] = Self.styleSheet
        do {
            let template = try Self.template.get()
            return template.render(context)
        } catch {
            throw .failure("the page's template cannot be read: \(error)")
        }
    }

    /// The same style sheet for every page.
    static let styleSheet = text(PackageResources.page_css)

    /// The page, whose texts are escaped by `PageText`.
    private static let template = Result {
        MustacheContentTypes.register(PageText(), named: "PLUMBLINE")
        return try MustacheTemplate(string: text(PackageResources.page_mustache))
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// What a template takes its texts from.
typealias PageContext = [String: Any]
