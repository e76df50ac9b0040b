// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Testing

@testable import Reports
@testable import Verdicts

/// The page of `history trend --format html`.
struct TrendPageTests {
    /// Names that a history may hold.
    private static let odd = [
        "it's \"quoted\" --", "<script>alert('x')</script> & <b>", "two\nlines\tand \u{1b}[2J",
        "🐧 Größe \u{338}<\u{338}", "'\nset output 'x'\n!touch x",
    ]

    /// Two series of 32 days whose level falls by 5% after 20, with these names, and one without a
    /// figure.
    static func report(
        _ names: [String] = ["pipe/a/none", "pipe/b/none"], of measure: Trend.Measure = .effect
    ) throws -> TrendReport {
        let series = names.enumerated().map { number, name in
            HistorySeries(
                key: .init(
                    cell: name, suite: name, metric: "time", machine: name,
                    compared: "against \(name)", kernel: "6.12"),
                points: (0..<32).map { point($0, name: name, effect: $0 < 20 ? 1 : -4) })
        }
        var empty = HistorySeries(key: series[0].key, points: [point(0, name: "-", effect: nil)])
        empty.key.metric = "instructions"
        return TrendReport(
            try (series + [empty]).map { try Trend($0, of: measure) }, leastChange: 0.01)
    }

    private static func point(
        _ day: Int, name: String, effect: Double?
    ) -> HistorySeries.Point {
        let change = effect.map { $0 + 0.1 * Double(day * 7 % 5) }
        return HistorySeries.Point(
            experiment: "\(day) \(name)",
            startedAt: 1_700_000_000_000_000_000 + day * 86_400_000_000_000,
            toolVersion: "1", candidate: name, kernelRelease: "6.13.0-rc\(day)", shortName: name,
            unit: name, verdict: "improved", effect: change, low: change.map { $0 - 0.5 },
            high: change.map { $0 + 0.5 }, rateA: 1e9, rateB: change.map { 1e9 * (1 + $0 / 100) })
    }

    @Test func eachSeriesHasARowALinkItsLevelsAndItsNewestExperiment() throws {
        let tree = try HTMLPageTests.page(try Self.report(), gnuplot: Gnuplot(program: "")).tree
        let table = try #require(tree.all("table").first { $0.isClass("series") })
        #expect(table.all("a").map(\.wholeText) == ["pipe/a/none", "pipe/b/none", "-"])
        #expect(table.all("tr")[1].wholeText.contains(/2023-12-04 -4\.\d+% p<0\.001$/))
        let sections = tree.all("section").filter { $0.isClass("cell") }
        #expect(sections.map { $0.all("tbody").first?.all("tr").count ?? 0 } == [2, 2, 0])
        #expect(sections[0].wholeText.contains("newest: 31 pipe/a/none, pipe/a/none (6.13.0-rc31)"))
        #expect(sections[2].wholeText.contains("1 experiment without a figure left out"))
        try tree.checkLinks()
        let none = try HTMLPageTests.page(TrendReport([], leastChange: 0.01)).tree
        #expect(none.wholeText.contains("No experiment fits.") && none.all("table").isEmpty)
    }

    @Test(.enabled(if: PagePrograms.hasGnuplot, "needs gnuplot"), arguments: Trend.Measure.allCases)
    func thePageHasThePlotsAndPolicyOfEveryPage(_ measure: Trend.Measure) throws {
        let page = try HTMLPageTests.page(try Self.report(of: measure))
        let plots = page.tree.all("svg")
        #expect(plots.count == 2)
        for plot in plots {
            #expect(plot.all("desc")[0].text.hasPrefix("32 experiments: "))
            let classes = Set(plot.all("path").flatMap { $0.attributes["class"]?.words ?? [] })
            #expect(classes.isSuperset(of: ["experiment", "level", "shift"]), "\(classes)")
            #expect(classes.contains("range") == (measure == .effect))
            #expect(plot.all("text").contains { $0.text.hasPrefix("2023-1") })
        }
        let policies = page.tree.all("meta").compactMap { $0.attributes["content"] }
        #expect(policies.contains("default-src 'none'; style-src 'unsafe-inline'"))
        #expect(!["http:", "https:", "url("].contains(where: page.text.contains))
        try page.tree.checkLinks()
    }

    @Test func namesAreTextAndNeverMarkupOrCommands() throws {
        let report = try Self.report(Self.odd)
        let page = try HTMLPageTests.page(report, gnuplot: Gnuplot(program: ""))
        #expect(page.tree.all("script").isEmpty && page.tree.all("b").isEmpty)
        let shown = page.tree.all("h3").map { $0.all("bdi")[0].wholeText }
        #expect(shown.prefix(Self.odd.count) == Self.odd.map(\.printableLines)[...])
        for plot in report.trends.compactMap(Plot.trend) {
            for word in ["alert", "touch", "quoted", "🐧"] { #expect(!plot.script.contains(word)) }
        }
    }

    @Test func withoutGnuplotThePageSaysSoAndHasTheLevels() throws {
        let gnuplot = Gnuplot(program: "plumbline-no-such-gnuplot")
        let tree = try HTMLPageTests.page(try Self.report(), gnuplot: gnuplot).tree
        let figures = tree.all("figure")
        #expect(figures.count == 2 && tree.all("svg").isEmpty)
        for figure in figures {
            #expect(figure.wholeText.contains("install the Debian package gnuplot-nox"))
            #expect(figure.wholeText.contains("32 experiments: "))
        }
    }

    @Test(.enabled(if: PagePrograms.hasGnuplot, "needs gnuplot"), arguments: [1, 600, 5_000_000])
    func theTimeAxisHasAFewMarksWhateverItsLength(seconds: Int) throws {
        var points = (0..<9).map { Self.point(0, name: "x", effect: Double($0 % 3)) }
        for place in points.indices { points[place].startedAt += place * seconds * 1_000_000_000 }
        let key = HistorySeries.Key(
            cell: "x", suite: "x", metric: "time", machine: "x",
            compared: "against a", kernel: "6.12")
        let report = TrendReport(
            [try Trend(HistorySeries(key: key, points: points))], leastChange: 0.01)
        let texts = try HTMLPageTests.page(report).tree.all("text").map(\.text)
        let marks = texts.filter { $0.contains(/^(20\d\d-\d\d-\d\d|\d\d-\d\d \d\d:\d\d)$/) }
        #expect((1...6).contains(marks.count), "\(texts)")
        #expect(Set(marks).count == marks.count)
    }
}
