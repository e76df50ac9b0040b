// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import SchemaSupport
import Testing

@testable import Reports
@testable import Verdicts

/// What a step of a bisection answers, and how bisections and series are shown.
struct BisectionTests {
    private static let cell = "pipe/1w1r/64KiB/none"
    private static let (good, bad) = (commit("a"), commit("b"))

    private static func commit(_ digit: Character) -> Commit {
        Commit(hash: String(repeating: digit, count: 40), subject: "change \(digit)")
    }

    /// A journal of two kernels, 8 rounds of 2 blocks.
    private static func report(
        effect: Double, noise: Double = 0.005, margin: Double = 0.02, cells: [String] = [cell],
        seed: UInt64 = 7
    ) throws -> VerdictReport {
        var builder = JournalBuilder(cells: cells, rule: .fixed, blocks: 16, seed: seed)
        builder.journal.header.plan.kind = .ab
        builder.journal.header.plan.comparison?.rounds = 8
        builder.journal.header.plan.comparison?.equivalence = margin
        for cell in cells {
            builder.add(16, of: cell, effect: effect, noise: noise) {
                $0.round = ($0.block ?? 0) / 2
            }
        }
        return try VerdictReport(builder.ended())
    }

    private func answer(
        _ effect: Double, bad: Double, noise: Double = 0.005
    ) throws -> BisectionAnswer {
        let margin = BisectionAnswer.margin(ofBad: bad)
        return BisectionAnswer(
            try Self.report(effect: effect, noise: noise, margin: margin).cells[0], bad: bad)
    }

    @Test(
        "no effect is good, and the bad commit's effect bad, be it slower or faster",
        arguments: [-30.0, -10, 10, 30])
    func clear(bad: Double) throws {
        #expect(try answer(1, bad: bad) == .good)
        #expect(try answer(1 + bad / 100, bad: bad) == .bad)
        // As far the other way is farther from bad than none is.
        #expect(try answer(1 / (1 + bad / 100), bad: bad) == .good)
    }

    @Test("a small effect is good although it is a difference, and a larger one than bad's is bad")
    func between() throws {
        #expect(try answer(0.96, bad: -20) == .good)
        #expect(try answer(0.7, bad: -20) == .bad)
    }

    @Test("what noise hides is skipped with its reason")
    func hidden() throws {
        guard case .skip(let reason) = try answer(1, bad: -5, noise: 0.2) else {
            Issue.record("not skipped")
            return
        }
        #expect(reason == "not decided after 8 rounds of boots")
    }

    @Test("what code layout can make, and an invalid cell, are skipped")
    func notComparable() throws {
        var cell = try Self.report(effect: 0.9).cells[0]
        cell.outcome = .imagesDiffer
        #expect(BisectionAnswer(cell, bad: -10).exitCode == 125)
        cell.invalidate(.failure("the guest is lost: panic"), tag: "lost-b")
        #expect(BisectionAnswer(cell, bad: -10) == .skip("the guest is lost: panic"))
    }

    @Test func theMarginIsHalfOfTheEffectAndAtMostFiftyPercent() {
        #expect(abs(BisectionAnswer.margin(ofBad: -19) - 0.1) < 1e-9)
        #expect(abs(BisectionAnswer.margin(ofBad: 21) - 0.1) < 1e-9)
        #expect(BisectionAnswer.margin(ofBad: 900) == 0.5)
    }

    @Test func theExitCodesAreThoseOfGitBisectRun() {
        #expect([BisectionAnswer.good, .bad, .skip("x")].map(\.exitCode) == [0, 1, 125])
    }

    private func bisection(candidates: [Commit]) throws -> BisectionReport {
        BisectionReport(
            good: Self.good, bad: Self.bad, direction: try Self.report(effect: 0.9),
            steps: [
                .init(
                    commit: Self.commit("c"), answer: "good",
                    cell: try Self.report(effect: 1).cells[0], reason: nil),
                .init(
                    commit: Self.commit("d"), answer: "skip", cell: nil,
                    reason: "building x failed"),
            ], candidates: candidates, journals: "journals")
    }

    @Test func aBisectionNamesTheFirstBadCommitWithTheEffect() throws {
        let report = try bisection(candidates: [Self.bad])
        let text = report.text()
        #expect(text.contains("first bad commit: bbbbbbbbbbbb change b\n"))
        #expect(text.contains("\n  \(Self.bad.hash)\n"))
        #expect(text.contains("skipped: building x failed"))
        #expect(text.contains("regressed."))
        #expect(report.exitCode == 0)
        let json = try report.json()
        let schema = try SchemaValidator(ReportFormat.bisectionSchemaText)
        #expect(schema.problems(json) == [])
        // Where there is nothing to bisect, it is the report of the two commits.
        #expect(schema.problems(try Self.report(effect: 1).json()) == [])
        #expect(json.at("first_bad.hash") == .text(Self.bad.hash))
        #expect(json.at("steps.0.answer") == .text("good"))
        #expect(json.at("steps.1.reason") == .text("building x failed"))
        #expect(json.at("bad_against_good.cells.0.verdict") == .text("regressed"))
    }

    @Test func severalCandidatesAreExitCodeFour() throws {
        let report = try bisection(candidates: [Self.bad, Self.commit("d")])
        #expect(report.text().contains("The first bad commit is one of these:"))
        #expect(report.exitCode == 4)
        let json = try report.json()
        #expect(json["first_bad"] == nil)
        #expect(try SchemaValidator(ReportFormat.bisectionSchemaText).problems(json) == [])
    }

    @Test func aSeriesIsATableOfPatchesAndCells() throws {
        let cells = [Self.cell, "pipe/2w2r/64KiB/none"]
        let (c, d) = (Self.commit("c"), Self.commit("d"))
        let report = SeriesReport(
            base: Self.good,
            patches: [
                .init(Self.bad, error: nil), .init(c, error: .failure("building c failed")),
                .init(d, error: nil),
            ],
            comparisons: [
                (Self.good, Self.bad, try Self.report(effect: 1, cells: cells)),
                (Self.bad, d, try Self.report(effect: 0.9, cells: cells)),
                (Self.good, d, try Self.report(effect: 0.9, cells: cells)),
            ], journals: "journals")
        let text = report.text()
        #expect(text.contains("2  cccccccccccc  change c\n"))
        #expect(text.contains("not built: building c failed"))
        // Patch 3 is compared across the one that does not build.
        #expect(text.contains("\n  3 (1)  -"))
        #expect(text.contains("\n  all    -"))
        #expect(
            text.replacing("\n", with: " ").contains("Verdicts hold over all 6 cells (Holm)."))
        #expect(report.exitCode == 3)
        let json = try report.json()
        #expect(try SchemaValidator(ReportFormat.seriesSchemaText).problems(json) == [])
        #expect(json.at("rows.1.name") == .text("3"))
        #expect(json.at("rows.2.name") == .text("all"))
        #expect(json.at("patches.1.error") == .text("building c failed"))
    }

    @Test func aDocumentWithOneMemberMoreOrOneLessDoesNotFitItsSchema() throws {
        let series = SeriesReport(
            base: Self.good, patches: [.init(Self.bad, error: nil)],
            comparisons: [(Self.good, Self.bad, try Self.report(effect: 1))], journals: "j")
        let documents = [
            (try bisection(candidates: [Self.bad]).json(), ReportFormat.bisectionSchemaText),
            (try series.json(), ReportFormat.seriesSchemaText),
        ]
        for (document, text) in documents {
            let schema = try SchemaValidator(text)
            guard case .object(let members) = document else { continue }
            #expect(schema.problems(document) == [])
            for name in members.keys where name != "first_bad" {
                var less = members
                less[name] = nil
                #expect(!schema.problems(.object(less)).isEmpty, "without \(name)")
            }
            #expect(!schema.problems(.object(members.merging(["new": .null]) { $1 })).isEmpty)
        }
    }

    @Test func theCellsOfAllRowsShareOneErrorRate() throws {
        let reports = try (0..<4).map { _ in try Self.report(effect: 0.9) }
        let together = reports.adjustedTogether()
        for (alone, shared) in zip(reports, together) {
            let p = try #require(alone.cells[0].adjustedP)
            #expect(try #require(shared.cells[0].adjustedP) >= p)
            #expect(shared.cells.count == 1)
        }
        // A difference that holds alone and not among many is taken back, once.
        var weak = try Self.report(effect: 1)
        weak.cells[0].outcome = .regressed
        weak.cells[0].alone?.p = 0.04
        weak.cells[0].alone?.isWithinMargin = false
        let many = (Array(repeating: weak, count: 5)).adjustedTogether().adjustedTogether()
        #expect(many[0].cells[0].outcome == .inconclusive)
        #expect(many[0].cells[0].tags.count { $0 == CellMatrix.tag } <= 1)
    }

    @Test func aPatchThatDoesNotBuildIsExitCodeOneWhereNothingIsWorse() throws {
        let report = SeriesReport(
            base: Self.good, patches: [.init(Self.bad, error: .failure("x"))], comparisons: [],
            journals: "j")
        #expect(report.exitCode == 1)
        #expect(report.text().contains("not built: x"))
        let json = try report.json()
        #expect(try SchemaValidator(ReportFormat.seriesSchemaText).problems(json) == [])
    }
}
