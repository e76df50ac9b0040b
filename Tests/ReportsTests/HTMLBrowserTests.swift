// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Linux
import Testing

@testable import Reports

/// The page in a real browser, which measures it from a frame around it: the page has no script.
@Suite(.enabled(if: PagePrograms.hasBrowser, "needs chromium"))
struct HTMLBrowserTests {
    /// What the browser says of the page at a width: by how much it is wider than its window, how
    /// many plots and tables are, and the page's colours.
    private static func look(
        at page: String, width: Int, isDark: Bool = false
    ) throws -> (overflow: Int, wide: Int, plots: Int, back: String, text: String) {
        let frame = """
            <!DOCTYPE html><body><iframe style="width:\(width)px;height:900px;border:0"></iframe>
            <script>
            const frame = document.querySelector("iframe");
            frame.onload = () => {
              const page = frame.contentDocument, root = page.documentElement;
              const all = name => [...page.querySelectorAll(name)];
              const wide = all("svg, .box, p, li, h1, h2, h3").filter(
                element => element.getBoundingClientRect().right > root.clientWidth + 0.5);
              const style = frame.contentWindow.getComputedStyle(page.body);
              document.title = [root.scrollWidth - root.clientWidth, wide.length,
                all("svg").filter(plot => plot.getBoundingClientRect().height > 50).length,
                style.backgroundColor, style.color].join(";");
            };
            frame.srcdoc = new TextDecoder().decode(
              Uint8Array.from(atob("\(Data(page.utf8).base64EncodedString())"), c => c.charCodeAt(0)));
            </script></body>
            """
        let scheme = isDark ? ["--blink-settings=preferredColorScheme=0"] : []
        let options = ["--window-size=1500,1000", "--virtual-time-budget=10000", "--dump-dom"]
        let result = try open(frame, options + scheme)
        let title = try #require(result.output.firstMatch(of: /<title>(.*?)<\/title>/)).1
        let words = title.split(separator: ";").map { String($0) }
        try #require(words.count == 5, "\(title)")
        return (
            try #require(Int(words[0])), try #require(Int(words[1])), try #require(Int(words[2])),
            words[3], words[4]
        )
    }

    /// Opens a page in the browser.
    ///
    /// - Parameter body: called with the path of the directory, in which the browser runs.
    @discardableResult
    private static func open(
        _ page: String, _ options: [String], then body: (String) throws -> Void = { _ in }
    ) throws -> Command.Result {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "plumbline-page-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "page.html")
        try page.write(to: file, atomically: true, encoding: .utf8)
        let result = try Command.run(
            [
                "env", "-C", directory.path, "chromium", "--headless", "--no-sandbox",
                "--disable-gpu", "--user-data-dir=\(directory.path)/profile",
            ] + options + ["file://\(file.path)"], outputLimit: 16 << 20,
            timeoutMilliseconds: 120_000)
        try body(directory.path)
        return result
    }

    /// The words of the page as it is printed.
    private static func printed(_ page: String) throws -> String {
        var words = ""
        try open(page, ["--no-pdf-header-footer", "--print-to-pdf=page.pdf"]) { directory in
            let text = try Command.run(
                ["pdftotext", "-layout", "\(directory)/page.pdf", "-"], outputLimit: 16 << 20)
            try #require(text.succeeded, "\(text.output)")
            words = text.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        return words
    }

    @Test(.enabled(if: PagePrograms.hasPDFReader, "needs pdftotext of poppler-utils"))
    func thePrintedPageHasEachVerdict() throws {
        let report = try HTMLPageTests.report()
        let words = try Self.printed(try HTMLPageTests.page(report).text)
        for cell in report.cells {
            #expect(words.contains("\(cell.plan.label) \(cell.outcome.rawValue)"), "\(words)")
            let change = cell.shortChangeText.split(separator: " ").joined(separator: " ")
            #expect(words.contains(change))
        }
        #expect(words.contains("How to repeat"))
        let several = try Self.printed(try HTMLPageTests.page(try HTMLPageTests.several()).text)
        #expect(several.contains("slice length: 500ms (first, third), 100ms (second)"))
    }

    @Test(arguments: [400, 1400])
    func nothingOfSeveralJournalsAndTrendsIsWiderThanTheWindow(width: Int) throws {
        let long = String(repeating: "long", count: 30)
        for page in [
            try HTMLPageTests.page(try HTMLPageTests.several()).text,
            try HTMLPageTests.page(try TrendPageTests.report([long, "pipe/b/none"])).text,
        ] {
            let looks = try Self.look(at: page, width: width)
            #expect(looks.overflow == 0 && looks.wide == 0)
        }
    }

    @Test(arguments: [400, 1400])
    func nothingIsWiderThanTheWindow(width: Int) throws {
        let names = HTMLPageTests.cells.map { "\($0)/\(String(repeating: "long", count: 30))" }
        let page = try HTMLPageTests.page(try HTMLPageTests.report(names)).text
        let looks = try Self.look(at: page, width: width)
        #expect(looks.overflow == 0)
        #expect(looks.wide == 0)
        #expect(!PagePrograms.hasGnuplot || looks.plots == 13)
    }

    @Test func theSchemeOfTheBrowserIsThePages() throws {
        let page = try HTMLPageTests.page(try HTMLPageTests.report()).text
        let light = try Self.look(at: page, width: 800)
        let dark = try Self.look(at: page, width: 800, isDark: true)
        #expect(light.back == "rgb(255, 255, 255)")
        #expect(light.back != dark.back && light.text != dark.text)
    }
}
