// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Journal
import Protocol
import SchemaSupport
import Testing

@testable import Reports
@testable import Verdicts

struct EffectPartsTests {
    private static let none = "pipe/1w1r/64KiB/default/none"
    private static let group = "pipe/1w1r/64KiB/default/cgroup"
    private static let burner = "pipe/1w1r/64KiB/default/cgroup-burners=1"
    private static let memcg = "pipe/1w1r/64KiB/default/memcg"
    /// B's rate over A's in each: charging is worth nothing here.
    private static let truth = [none: 1.2, group: 1.2, burner: 1.08, memcg: 1.02]
    private static let rounds = 8

    private func builder(
        _ cells: [String] = [none, memcg, group, burner], inRounds: Bool
    ) -> JournalBuilder {
        var builder = JournalBuilder(cells: cells, rule: .fixed)
        guard inRounds else { return builder }
        builder.journal.header.plan.kind = .ab
        builder.journal.header.plan.comparison?.knobs = []
        builder.journal.header.plan.comparison?.rounds = Self.rounds
        return builder
    }

    private func add(_ cells: [String], to builder: inout JournalBuilder, inRounds: Bool) {
        for cell in cells {
            builder.add(24, of: cell, effect: Self.truth[cell] ?? 1) {
                if inRounds { $0.round = ($0.block ?? 0) * Self.rounds / 24 }
            }
        }
    }

    private func parts(_ journal: StoredJournal) throws -> [EffectParts.Part]? {
        try VerdictReport(journal).cells.first { $0.plan.name == Self.memcg }?.parts?.parts
    }

    @Test(arguments: [true, false])
    func eachPartOfAKnownEffectIsFoundAndTheirLogsAddUp(inRounds: Bool) throws {
        var builder = builder(inRounds: inRounds)
        add([Self.none, Self.group, Self.burner, Self.memcg], to: &builder, inRounds: inRounds)
        let report = try VerdictReport(builder.ended())
        #expect(report.cells.map { $0.parts != nil } == [false, true, false, false])
        let cell = report.cells[1]
        let parts = try #require(cell.parts?.parts)
        #expect(parts.map(\.name) == [.without, .charging, .contention, .reclaim])
        #expect(parts.map(\.against) == [nil, Self.none, Self.group, Self.burner])
        let expected = [1.2, 1, 1.08 / 1.2, 1.02 / 1.08]
        for (part, ratio) in zip(parts, expected) {
            #expect(abs(part.logRatio - log(ratio)) < 0.01, "\(part.name)")
            #expect(abs(part.percent - 100 * (ratio - 1)) < 1.3)
        }
        #expect(parts[0].interval == nil)
        #expect(parts[1].interval?.contains(0) == true)
        #expect(try #require(parts[2].interval).upper < 0)
        #expect(try #require(parts[3].interval).upper < 0)
        #expect(
            parts.dropFirst().allSatisfy { abs(($0.interval?.confidence ?? 0) - 59 / 60) < 1e-9 })
        let effect = log1p(try #require(cell.effect) / 100)
        #expect(abs(parts.reduce(0) { $0 + $1.logRatio } - effect) < 1e-9)
    }

    @Test func theReportTellsThePartsInTextAndByItsSchema() throws {
        var builder = builder(inRounds: true)
        add([Self.none, Self.group, Self.burner, Self.memcg], to: &builder, inRounds: true)
        let report = try VerdictReport(builder.ended())
        let words = report.text().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("made of: no cgroup +"))
        #expect(!words.contains("stopped early"))
        let overview = VerdictOverview([report]).text().split(whereSeparator: \.isWhitespace)
        #expect(overview.joined(separator: " ").contains("made of: no cgroup +"))
        for name in ["charging", "CPU contention -", "reclaim -"] {
            #expect(words.contains(", \(name)"), "\(words)")
        }
        let json = try report.json()
        #expect(json.at("cells.1.parts.3.name") == .text("reclaim"))
        #expect(json.at("cells.1.parts.3.against") == .text(Self.burner))
        #expect(json.at("cells.1.parts.0.interval_percent") == nil)
        #expect(json.at("cells.0.parts") == nil)
        let validator = SchemaValidator(
            root: try LineCodec.decode(JSONValue.self, from: ReportFormat.schemaText.utf8))
        #expect(validator.problems(json) == [])
    }

    @Test func thePageHasEachStepWithTheControlThatItGoesFrom() throws {
        var builder = builder(inRounds: true)
        add([Self.none, Self.group, Self.burner, Self.memcg], to: &builder, inRounds: true)
        let report = try VerdictReport(builder.ended())
        let tree = try HTMLPageTests.page(report, gnuplot: Gnuplot(program: "")).tree
        let tables = tree.all("table").filter { $0.isClass("controls") }
        #expect(tables.count == 1)
        let rows = try #require(tables.first?.all("tbody").first?.all("tr"))
        let parts = try #require(report.cells[1].parts?.parts)
        #expect(rows.map { $0.all("th")[0].wholeText } == parts.map(\.name.rawValue))
        #expect(rows.map { $0.all("td")[0].wholeText } == parts.map(\.text))
        #expect(
            rows.map { $0.all("a").first?.attributes["href"] } == [nil, "#j1c1", "#j1c3", "#j1c4"])
        #expect(parts.dropFirst().allSatisfy { $0.text.contains("[") })
        try tree.checkLinks()
    }

    @Test func partsWithACellThatALookStoppedSaySo() throws {
        var builder = builder(inRounds: false)
        builder.journal.header.plan.comparison?.rule = .budget
        add([Self.none, Self.memcg, Self.group, Self.burner], to: &builder, inRounds: false)
        let report = try VerdictReport(builder.ended())
        #expect(report.cells[1].parts?.stoppedEarly == true)
        let words = report.text().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("] (a cell stopped early)"), "\(words)")
    }

    @Test(arguments: [Int64(0), 1])
    func aControlWhoseWorkersReclaimTakesNothingApart(stalls: Int64) throws {
        var builder = builder(inRounds: false)
        for place in [2, 3] {
            builder.journal.header.plan.suite.cells[place].pressure = "cgroup"
        }
        for cell in [Self.none, Self.memcg, Self.group, Self.burner] {
            builder.add(24, of: cell, effect: Self.truth[cell] ?? 1) {
                $0.evidence.workers["reclaim_stalls"] = cell == Self.burner ? stalls : 0
            }
        }
        let report = try VerdictReport(builder.ended())
        let isControl = stalls == 0
        #expect((report.cells[1].parts != nil) == isControl)
        #expect(report.cells[1].tags.contains("control-reclaims") == !isControl)
        let text = report.text()
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("(2.00 a second): the effect is not taken apart") == !isControl)
        // The controls show how much of it was the workers', as the cell itself does.
        let lines = text.split(separator: "\n").count { $0.contains("direct reclaim by workers") }
        #expect(lines == 3)
        let evidence = try #require(try report.json().at("cells.1.evidence"))
        #expect(evidence["control_stalls_per_second"]?.double == (isControl ? nil : 2))
    }

    @Test func withoutACellWithoutACgroupThePartsBeginInTheCgroup() throws {
        let cells = [Self.memcg, Self.group, Self.burner]
        var builder = builder(cells, inRounds: false)
        add(cells, to: &builder, inRounds: false)
        let parts = try #require(try parts(builder.ended()))
        #expect(parts.map(\.name) == [.unlimited, .contention, .reclaim])
        #expect(parts.map(\.against) == [nil, Self.group, Self.burner])
        #expect(abs((parts[1].interval?.confidence ?? 0) - 0.975) < 1e-9)
    }

    @Test func cellsArePairedByTheRoundsThatBothMeasured() throws {
        var builder = builder(inRounds: true)
        // The boots differ much, alike in all cells; the cell without a cgroup was decided early.
        for (cell, effect) in Self.truth.sorted(by: { $0.key < $1.key }) {
            for round in 0..<(cell == Self.none ? 5 : Self.rounds) {
                let boot = 1 + 0.1 * Double(round)
                builder.add(3, of: cell, effect: effect * boot, noise: 0) { $0.round = round }
            }
        }
        let parts = try #require(try parts(builder.ended()))
        for (part, ratio) in zip(parts.dropFirst(), [1, 1.08 / 1.2, 1.02 / 1.08]) {
            #expect(abs(part.logRatio - log(ratio)) < 1e-3, "\(part.name)")
            let interval = try #require(part.interval)
            #expect(interval.upper - interval.lower < 1e-3)
        }
    }

    @Test func withoutBothControlsOrTooFewRoundsNothingIsTakenApart() throws {
        let cells = [Self.none, Self.memcg, Self.group]
        var oneControl = builder(cells, inRounds: false)
        add(cells, to: &oneControl, inRounds: false)
        #expect(try parts(oneControl.ended()) == nil)

        var unmeasured = builder(inRounds: false)
        add(cells, to: &unmeasured, inRounds: false)
        #expect(try parts(unmeasured.ended()) == nil)

        var fewRounds = builder(inRounds: true)
        add(cells, to: &fewRounds, inRounds: true)
        fewRounds.add(12, of: Self.burner) { $0.round = ($0.block ?? 0) / 3 }
        #expect(try parts(fewRounds.ended()) == nil)

        var failed = builder(inRounds: false)
        add([Self.none, Self.memcg, Self.group, Self.burner], to: &failed, inRounds: false)
        #expect(try parts(failed.ended()) != nil)
        failed.journal.add(
            .cellFailed(
                .init(cell: Self.burner, arm: .a, number: 0, error: .failure("no cgroup"))))
        #expect(try parts(failed.ended()) == nil)
    }
}
