// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import SchemaSupport
import Statistics
import Testing

@testable import Reports
@testable import Verdicts

extension [HistoryEntry] {
    /// What they say of their cells, in their order.
    var points: [(key: HistorySeries.Key, point: HistorySeries.Point)] {
        flatMap { entry in
            entry.cells.map { cell in
                let experiment = entry.experiment
                let key = HistorySeries.Key(cell: cell.name, of: entry)
                let point = HistorySeries.Point(
                    experiment: experiment.id, startedAt: experiment.startedAt,
                    toolVersion: experiment.toolVersion, candidate: entry.arm("B").label,
                    kernelRelease: entry.arms[1].kernelRelease, shortName: cell.shortName,
                    unit: cell.unit, verdict: cell.verdict, effect: cell.effect, low: cell.low,
                    high: cell.high, detectable: cell.detectable, rateA: cell.rateA,
                    rateB: cell.rateB)
                return (key: key, point: point)
            }
        }
    }
}

@Suite("A trend shows where the effect changed") struct TrendTests {
    private func report(
        _ entries: [HistoryEntry], of measure: Trend.Measure = .effect, leastChange: Double = 0.01
    ) throws -> TrendReport {
        TrendReport(
            try Trend.all(entries.points, of: measure, leastChange: leastChange),
            leastChange: leastChange)
    }

    @Test("levels, the first experiment of each, and their sizes are found")
    func levels() throws {
        let entries = SampleEntries.series([(0, 20), (-5, 12), (2, 9)])
        let trend = try #require(try report(entries).trends.first)
        #expect(trend.levels.map(\.range) == [0..<20, 20..<32, 32..<41])
        #expect(trend.levels.map { $0.mean.rounded() } == [0, -5, 2])
        #expect(trend.levels.map { $0.change?.rounded() } == [nil, -5, 7])
        #expect(trend.levels.dropFirst().allSatisfy { ($0.p ?? 1) < 0.001 })
    }

    @Test("a level series has one level, and so has a change below the least size")
    func none() throws {
        #expect(try report(SampleEntries.series([(1, 60)])).trends[0].levels.count == 1)
        let small = SampleEntries.series([(0, 30), (0.8, 30)])
        #expect(try report(small).trends[0].levels.count == 1)
        #expect(try report(small, leastChange: 0.005).trends[0].levels.count == 2)
    }

    @Test("suites, machines, baselines and toggles are series of their own; candidates are not")
    func series() throws {
        var entries = [
            SampleEntries.entry(1, effect: 0), SampleEntries.entry(2, effect: 0, b: "other"),
            SampleEntries.entry(3, effect: 0, suite: "weekly"),
            SampleEntries.entry(4, effect: 0, machine: "other"),
            SampleEntries.entry(5, effect: 0, a: "6.13"),
        ]
        #expect(try report(entries).trends.map(\.points.count).sorted() == [1, 1, 1, 2])
        for place in entries.indices { entries[place].experiment.kind = "toggle" }
        #expect(try report(entries).trends.map(\.points.count) == [1, 1, 1, 1, 1])
    }

    @Test("a baseline that is another kernel, other settings, and unknown ones are other series")
    func settings() throws {
        var entries = SampleEntries.series([(0, 5)])
        entries[1].arms[0].kernelRelease = "6.12.1"
        entries[2].arms[1].settings = "init_on_alloc=0"
        for arm in 0..<2 { entries[3].arms[arm].settings = "init_on_alloc=1 nosmt" }
        entries[4].arms[0].settings = nil
        let trends = try report(entries).trends
        #expect(trends.map(\.points.count) == [1, 1, 1, 1, 1])
        #expect(
            trends.map(\.key.settings) == [
                nil, "A init_on_alloc=1, B init_on_alloc=0", "init_on_alloc=1",
                "init_on_alloc=1 nosmt", "init_on_alloc=1",
            ])
        let text = TextRenderer().render(try report(entries), style: .plain)
        #expect(text.contains("kernel settings not recorded"), "\(text)")
        #expect(text.contains("against 6.12 (6.12.1)"), "\(text)")
    }

    @Test("a toggle's series holds newer builds of one source, and no other version or patches")
    func toggles() throws {
        let releases = [
            "6.12.117-plumbline+x", "6.12.118-plumbline+x",
            "6.12.118-rc2-00003-gabcdef0-plumbline+x",
            "7.2.12-plumbline+x", "6.12.117-plumbline",
        ]
        var entries = SampleEntries.series([(0, releases.count)])
        for (place, release) in releases.enumerated() {
            entries[place].experiment.kind = "toggle"
            for arm in 0..<2 { entries[place].arms[arm].kernelRelease = release }
        }
        #expect(try report(entries).trends.map(\.points.count) == [1, 3, 1])
    }

    @Test(arguments: [
        ("6.12.117-plumbline+pipe-prealloc", "6.12-plumbline+pipe-prealloc"),
        ("6.1.0-18-amd64", "6.1-amd64"), ("6.13.0-rc3-00012-g0123456789ab", "6.13"),
        ("6.12.38+deb13-amd64", "6.12+deb13-amd64"), ("6.18", "6.18"), ("", ""),
        ("7.2.0-next-20261101", "7.2-next"), ("6.9.0-good", "6.9-good"),
    ])
    func sources(release: String, source: String) {
        #expect(KernelSettings.source(ofRelease: release) == source)
    }

    @Test("one level has no column of changes, and a series without a figure no titles")
    func oneLevel() throws {
        let one = TextRenderer().render(
            try report(SampleEntries.series([(1, 1)])), style: .plain)
        #expect(!one.contains("first of the level") && !one.contains("change\n"), "\(one)")
        #expect(one.contains("A -> B"))
        var entry = SampleEntries.entry(1, effect: 0)
        entry.cells[0].verdict = "invalid"
        let none = TextRenderer().render(try report([entry]), style: .plain)
        #expect(!none.contains("A -> B"), "\(none)")
        #expect(none.contains("1 experiment without a figure"))
    }

    @Test("rates are looked at within one version only, and effects over all")
    func versions() throws {
        var entries = SampleEntries.series([(0, 12)])
        for place in 6..<12 { entries[place].experiment.toolVersion = "0.9.0" }
        #expect(try report(entries).trends.count == 1)
        #expect(try report(entries, of: .rate).trends.map(\.points.count) == [6, 6])
    }

    @Test("what shows no figure is counted and left out")
    func leftOut() throws {
        var entries = SampleEntries.series([(0, 8)])
        entries[2].cells[0].verdict = "invalid"
        entries[3].cells[0].effect = nil
        entries[4].cells[0].effect = -100
        let report = try report(entries)
        #expect(report.trends[0].leftOut == 3)
        #expect(report.trends[0].points.count == 5)
        #expect(TextRenderer().render(report, style: .plain).contains("3 experiments without a"))
    }

    @Test("the text has a row for each level, and no line that is too wide")
    func text() throws {
        let text = TextRenderer().render(
            try report(SampleEntries.series([(0, 20), (-5, 12)])), style: .plain)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("  2023-") }
        #expect(rows.count == 2)
        #expect(rows[0].contains("20"))
        #expect(rows[1].contains("p<0.001") && rows[1].contains("next (6.13.0-rc20)"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 }, "\(text)")
    }

    @Test("the document has each point and each level")
    func document() throws {
        let report = try report(SampleEntries.series([(0, 20), (-5, 12)]))
        let value = try LineCodec.decode(
            JSONValue.self, from: LineCodec.encode(report.document))
        #expect(value.at("schema")?.text == "plumbline.trend/1")
        #expect(value.at("series.0.points.31.id") != nil)
        #expect(value.at("series.0.levels.1.experiments")?.double == 12)
        #expect(value.at("series.0.levels.0.change_percent") == nil)
    }
}
