// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import Protocol
import Testing

@testable import Reports
@testable import Verdicts

/// Whether the programs are here that pages are made and looked at with.
enum PagePrograms {
    static let hasGnuplot = (try? Command.run(["gnuplot", "--version"]))?.succeeded ?? false
    static let hasPDFReader = (try? Command.run(["pdftotext", "-v"]))?.succeeded ?? false
    static let hasBrowser = (try? Command.run(["chromium", "--version"]))?.succeeded ?? false
}

struct HTMLPageTests {
    static let cells = ["pipe/a/none", "pipe/b/none", "pipe/c/none", "pipe/d/none"]

    /// A journal with a clear change, a small one, none that is shown, and a cell without any slice.
    static func report(
        _ names: [String] = cells, accelerator: String? = nil
    ) throws -> VerdictReport {
        var builder = JournalBuilder(cells: names, rule: .fixed)
        builder.add(24, of: names[0], effect: 1.02, latency: true)
        builder.add(24, of: names[1], effect: 0.8, latency: true)
        builder.add(24, of: names[2], noise: 0.3)
        if let accelerator {
            builder.journal.header.plan.guest = GuestRecord(
                image: "bzImage", accelerator: accelerator, metric: .time, machine: "microvm",
                cpus: 2, memory: 1 << 30, nodes: 1, pins: [], commandLine: "quiet")
        }
        return try VerdictReport(builder.ended())
    }

    /// The page and its tree.
    static func page(
        _ report: some Report, gnuplot: Gnuplot = Gnuplot()
    ) throws -> (text: String, tree: XMLTree) {
        let text = try HTMLRenderer(gnuplot: gnuplot).render(report, style: .plain)
        return (text, try XMLTree.parse(text))
    }

    @Test func everyCellStandsInTheTableAndBelowWithItsVerdict() throws {
        let report = try Self.report()
        let tree = try Self.page(report).tree
        let rows = tree.all("tr").filter { $0.attributes["class"] != nil || !$0.all("th").isEmpty }
        for cell in report.cells {
            let isTold = { (element: XMLTree) in
                element.wholeText.contains(cell.plan.label)
                    && element.wholeText.contains(cell.outcome.rawValue)
            }
            #expect(rows.contains(where: isTold), "\(cell.plan.label) in the table")
            #expect(tree.all("section").contains { $0.isClass("cell") && isTold($0) })
        }
        #expect(Set(report.cells.map(\.outcome)).isSuperset(of: [.regressed, .inconclusive]))
    }

    @Test func theClearestChangeComesFirst() throws {
        let tree = try Self.page(try Self.report()).tree
        let table = try #require(tree.all("table").first { $0.isClass("verdicts") })
        let names = table.all("a").map(\.wholeText)
        #expect(names.first == Self.cells[1])
        #expect(Set(names.prefix(2)) == [Self.cells[0], Self.cells[1]])
        #expect(names.last == Self.cells[3])
        let sections = tree.all("section").filter { $0.isClass("cell") }
        #expect(sections.map { $0.all("h3")[0].all("bdi")[0].wholeText } == names)
    }

    @Test func thePageLoadsNothingAndRunsNothing() throws {
        let page = try Self.page(try Self.report())
        for word in ["http:", "https:", "//", "url(", "@import", "javascript"] {
            #expect(!page.text.contains(word), "\(word)")
        }
        for element in page.tree.everything {
            #expect(
                !["script", "link", "img", "iframe", "object", "image", "use"].contains(
                    element.name))
            for (name, value) in element.attributes {
                #expect(name != "src" && !name.hasPrefix("on"))
                if name.hasSuffix("href") { #expect(value.hasPrefix("#")) }
            }
        }
    }

    @Test(.enabled(if: PagePrograms.hasGnuplot, "needs gnuplot"))
    func everyPlotSaysItsResultInWordsAndLinksReachTheirPlaces() throws {
        let report = try Self.report()
        let tree = try Self.page(report).tree
        let plots = tree.all("svg")
        // Three of each measured cell, and two tracks of latency of two of them.
        #expect(plots.count == 3 * 3 + 2 * 2)
        for plot in plots {
            #expect(plot.attributes["role"] == "img")
            let words = ["title", "desc"].compactMap { name in
                plot.children.first { $0.name == name }
            }
            #expect(words.allSatisfy { !$0.text.isEmpty } && words.count == 2)
            #expect(
                plot.attributes["aria-labelledby"]
                    == words.compactMap { $0.attributes["id"] }.joined(separator: " "))
            #expect(plot.all("path").count > 2 && plot.all("text").count > 5)
        }
        try tree.checkLinks()
        let change = try #require(report.cells[1].interval.map(Change.interval))
        #expect(plots[0].all("desc")[0].text.contains(change))
    }

    @Test func namesAreTextAndNeverMarkupOrCommands() throws {
        let names = [
            "pipe/\"><script>alert(1)</script>/none", "pipe/'\u{301} & \"\u{301} onload=x/none",
            "pipe/a\nset output 'x'\n!touch x/none", "pipe/🐧 \u{202e}שלום\u{202c} ]]>/none",
        ]
        let report = try Self.report(names)
        let page = try Self.page(report)
        #expect(page.tree.all("script").isEmpty)
        try page.tree.checkLinks()
        let other = try Self.report(names, accelerator: "kvm")
        let both = VerdictOverview([
            (names[0], .verdicts(report)), ("x\"'<&🐧", .verdicts(other)),
        ])
        let several = try Self.page(both, gnuplot: Gnuplot(program: "")).tree
        let shownNames = several.all("table")[0].all("thead")[0].all("bdi").map(\.wholeText)
        #expect(shownNames == both.names.map(\.printableLines))
        #expect(several.all("li").contains { $0.wholeText.contains("a guest (x\"'<&🐧)") })
        #expect(several.all("script").isEmpty)
        let shown = page.tree.all("h3").map { $0.all("bdi")[0].wholeText }
        #expect(Set(shown) == Set(names.map(\.printableLines)))
        #expect(page.tree.everything.allSatisfy { $0.attributes["onload"] == nil })
        for plot in report.plots.flatMap({ $0 }) {
            for word in ["alert", "touch", "onload", "🐧"] { #expect(!plot.script.contains(word)) }
        }
    }

    @Test func withoutGnuplotThePageSaysSoInThePlotsPlaces() throws {
        let gnuplot = Gnuplot(program: "plumbline-no-such-gnuplot")
        let report = try Self.report()
        let tree = try Self.page(report, gnuplot: gnuplot).tree
        #expect(tree.all("svg").isEmpty)
        let figures = tree.all("figure")
        #expect(figures.count == report.plots.reduce(0) { $0 + $1.count })
        for figure in figures {
            #expect(figure.wholeText.contains("install the Debian package gnuplot-nox"))
        }
        #expect(tree.wholeText.contains("regressed"))
    }

    @Test func whatGnuplotCannotDrawIsSaidToo() throws {
        let drawings = Gnuplot(program: "false").draw([Plot("x", words: "y")])
        #expect(drawings == [.missing("false failed (exit code 1) in this plot")])
    }

    @Test func severalJournalsBeginWithOneTable() throws {
        let reports = [try Self.report(), try Self.report(Array(Self.cells.prefix(3)))]
        let tree = try Self.page(VerdictOverview(reports)).tree
        let overview = try #require(tree.all("table").first)
        #expect(overview.isClass("overview"))
        #expect(overview.all("tr").count == 1 + Self.cells.count)
        #expect(overview.all("tr")[0].all("th").count == 1 + reports.count)
        // The last cell is in the first journal only.
        #expect(overview.all("a").count == 2 + 4 + 3)
        #expect(tree.all("article").count == 2)
        try tree.checkLinks()
        #expect(!tree.wholeText.contains("The journals differ"))
    }

    /// Two journals of which one was measured elsewhere, and a run with cells of its own.
    static func several() throws -> VerdictOverview {
        var other = JournalBuilder(cells: Array(cells.prefix(2)), rule: .fixed)
        other.journal.header.plan.suite.slice = 100_000_000
        other.journal.header.host.kernelRelease = "6.2"
        for cell in cells.prefix(2) { other.add(24, of: cell, effect: 1.1) }
        let run = JournalBuilder.run(operations: 10_000, cells: [cells[0], "pipe/run/none"])
        return VerdictOverview([
            ("first", .verdicts(try report())),
            ("second", .verdicts(try VerdictReport(other.ended()))),
            ("third", try JournalResult(run)),
        ])
    }

    @Test func severalJournalsSayInWhatTheyDifferUnseen() throws {
        let overview = try Self.several()
        let banner = try #require(
            try Self.page(overview).tree.all("div").first { $0.isClass("banner") })
        let lines = banner.all("li").map(\.wholeText)
        #expect(lines.contains("slice length: 500ms (first, third), 100ms (second)"), "\(lines)")
        #expect(lines.contains { $0.hasPrefix("kernel: 6.1.0-18-amd64, build") })
        #expect(lines == overview.differences(showing: [.cell, .journal]))
    }

    @Test func aRunAmongSeveralJournalsHasItsRatesAndItsPart() throws {
        let tree = try Self.page(try Self.several()).tree
        let table = try #require(tree.all("table").first { $0.isClass("overview") })
        #expect(table.all("tr").count == 1 + Self.cells.count + 1)
        let last = try #require(table.all("tr").last)
        #expect(last.all("th")[0].wholeText == "pipe/run/none")
        #expect(last.all("td").map(\.wholeText) == ["", "", "run 1250 MiB/s ± 0.0%, n=3"])
        #expect(last.all("a").map { $0.attributes["href"] } == ["#j3"])
        let part = try #require(tree.all("article").last)
        for word in ["3. example", "median", "pipe/run/none", "1250 MiB/s", "p99.9"] {
            #expect(part.wholeText.contains(word), "\(word)")
        }
        #expect(!part.wholeText.contains("B vs A") && part.all("svg").isEmpty)
        try tree.checkLinks()
    }

    @Test(.enabled(if: PagePrograms.hasGnuplot, "needs gnuplot"))
    func aTailsIntervalIsInTheTableAndInThePlotsWords() throws {
        let report = try Self.report()
        let change = try #require(report.cells.flatMap(\.tails).first?.text)
        let tree = try Self.page(report).tree
        #expect(tree.all("td").contains { $0.wholeText == change })
        #expect(tree.all("desc").contains { $0.text.contains(change) })
    }

    @Test func aRunIsAPageOfItsTextReport() throws {
        let run = RunReport(JournalBuilder.run(operations: 10_000), exitCode: 0)
        let page = try Self.page(run)
        #expect(page.tree.wholeText.contains("pipe/1w1r/64KiB/none"))
        #expect(!page.tree.all("td").isEmpty && page.tree.all("svg").isEmpty)
    }

    @Test func figuresOfEmulatedGuestsAreLabelled() throws {
        let banner = { (tree: XMLTree) in tree.all("p").filter { $0.isClass("banner") } }
        #expect(banner(try Self.page(try Self.report(accelerator: "kvm")).tree).isEmpty)
        let emulated = banner(try Self.page(try Self.report(accelerator: "tcg")).tree)
        #expect(emulated.first?.wholeText == JournalHeader.emulation)
    }
}

extension XMLTree {
    /// The element and all below it.
    var everything: [XMLTree] { [self] + children.flatMap(\.everything) }
    /// The elements of a name below it.
    func all(_ name: String) -> [XMLTree] {
        children.flatMap(\.everything).filter { $0.name == name }
    }
    /// Its text and that of all below it; text before and behind an element inside is one.
    var wholeText: String { everything.map(\.text).joined(separator: " ").trimmed }
    /// Checks that each id is there once, that plots refer to their own, and that each link reaches
    /// its place.
    func checkLinks() throws {
        let ids = everything.compactMap { $0.attributes["id"] }
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.wholeMatch(of: /[a-z0-9]+/) != nil })
        for link in all("a") {
            let place = try #require(link.attributes["href"])
            #expect(place.hasPrefix("#") && ids.contains(String(place.dropFirst())), "\(place)")
        }
        for plot in all("svg") {
            let own = plot.children.compactMap { $0.attributes["id"] }
            #expect(plot.attributes["aria-labelledby"] == own.joined(separator: " "))
            #expect(own.count == 2)
        }
    }
    /// Whether a class is one of its own.
    func isClass(_ name: String) -> Bool {
        attributes["class"]?.split(separator: " ").contains { $0 == name } ?? false
    }
}
