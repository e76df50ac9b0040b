// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import SchemaSupport
import Statistics
import Testing

@testable import Reports
@testable import Verdicts

/// Two kernels in eight rounds of two blocks: what layout alone can make is no verdict on a patch.
struct ImagesDifferTests {
    /// - Parameters:
    ///   - layouts: how many layouts of each kernel there are; 0 for no relinks.
    ///   - rounds: how many rounds have blocks, the first eight of them a record.
    private func journal(
        effect: Double, layouts: Int = 0, metric: Metric = .time, cells: Int = 1, rounds: Int = 8
    ) -> StoredJournal {
        let names = (0..<cells).map { "pipe/\($0)/none" }
        var builder = JournalBuilder(cells: names, blocks: 16, knobs: [])
        builder.journal.header.plan.kind = .ab
        builder.journal.header.plan.metric = metric
        builder.journal.header.plan.comparison?.rounds = 8
        builder.journal.header.plan.comparison?.relinks =
            layouts > 0 ? (0..<layouts).map { 16 * $0 } : nil
        for round in 0..<8 {
            builder.journal.add(
                .round(
                    RoundRecord(
                        round: round, first: .a,
                        hosts: [.a: JournalBuilder.host, .b: JournalBuilder.host],
                        layouts: layouts > 0
                            ? [.a: round % layouts, .b: (round + 1) % layouts] : nil,
                        at: 1)))
        }
        for name in names {
            builder.add(2 * rounds, of: name, effect: effect, noise: 0.002) {
                $0.round = ($0.block ?? 0) / 2
            }
        }
        return builder.ended()
    }

    @Test(arguments: [
        (1.02, Verdict.Outcome.imagesDiffer, Int32(4)), (0.98, .imagesDiffer, 4),
        (1.08, .improved, 0), (0.92, .regressed, 3), (1.0, .equivalent, 0),
    ])
    func withoutRelinksASmallDifferenceIsOneOfImages(
        effect: Double, outcome: Verdict.Outcome, code: Int32
    ) throws {
        for cells in [1, 2] {
            var report = try VerdictReport(journal(effect: effect, cells: cells))
            #expect(report.cells.allSatisfy { $0.outcome == outcome })
            #expect(report.exitCode == code)
            report.inconclusiveIsOK = true
            #expect(report.exitCode == (code == 4 ? 0 : code))
            let text = report.text()
            #expect(
                text.contains(
                    "layouts  one of each image: a difference whose interval comes nearer to 0 than"
                ))
            #expect(text.contains("toggle --kernel") == (outcome == .imagesDiffer))
            #expect(text.contains("\(cells) \(outcome.rawValue)"))
        }
    }

    @Test(arguments: [1.08, 0.92, 1.0, 1.02], [1, 2])
    func ofTwoMachinesNoVerdictIsBetter(effect: Double, cells: Int) throws {
        var journal = journal(effect: effect, cells: cells)
        journal.header.plan.comparison?.arms.a.host = "box1"
        journal.header.plan.comparison?.arms.b.host = "box2:2222"
        let report = try VerdictReport(journal)
        #expect(report.cells.allSatisfy { $0.outcome == .imagesDiffer })
        #expect(report.exitCode == 4)
        let text = report.text().words.joined(separator: " ")
        #expect(text.contains("A and B ran on two machines"))
        #expect(text.contains("measure both kernels on both machines in every round"))
        #expect(!text.contains("code layout"))
        let host = try #require(try report.json().at("experiment.arms.B.host"))
        #expect(host == .text("box2:2222"))
    }

    @Test(arguments: [(8, Verdict.Outcome.improved), (3, .improved), (2, .imagesDiffer)])
    func relinksInEnoughLayoutsMakeItAVerdict(layouts: Int, outcome: Verdict.Outcome) throws {
        let report = try VerdictReport(journal(effect: 1.02, layouts: layouts))
        #expect(report.cells[0].outcome == outcome)
        let text = report.text()
        #expect(text.contains("layouts  A \(layouts), B \(layouts), drawn per round"))
        #expect(text.contains("rounds share a code layout, so p is too small") == (layouts < 8))
        let document = try report.json()
        let counted = try #require(document.at("experiment.arms.A.layouts"))
        let verdict = try #require(document.at("cells.0.verdict"))
        #expect(counted == .integer(Int128(layouts)))
        #expect(verdict == .text(outcome.rawValue))
    }

    @Test func layoutsOfVoidRoundsAreNotCounted() throws {
        var journal = journal(effect: 1.02, layouts: 8)
        for round in 2..<8 {
            journal.add(.roundVoid(.init(round: round, arm: .a, error: .failure("lost"))))
        }
        let text = try VerdictReport(journal).text()
        #expect(text.contains("layouts  A 2, B 2, drawn per round\n"))
        #expect(!text.contains("too small"))
    }

    @Test func aRoundInPlaceOfAVoidOneThatHasALayoutAgainMakesPTooSmall() throws {
        var journal = journal(effect: 1.02, layouts: 8, rounds: 9)
        journal.add(.roundVoid(.init(round: 0, arm: .a, error: .failure("lost"))))
        for (layout, repeats) in [(0, false), (3, true)] {
            // B has the layout of the void round again, and A that or one of the others.
            journal.add(
                .round(
                    RoundRecord(
                        round: 8, first: .a,
                        hosts: [.a: JournalBuilder.host, .b: JournalBuilder.host],
                        layouts: [.a: layout, .b: 1], at: 1)))
            let report = try VerdictReport(journal)
            #expect(report.cells[0].tags.contains("shared-layouts") == repeats)
            for format in ["text", "lkml", "gate", "junit", "ktap", "tmt", "json", "csv"] {
                let text = try #require(ReportFormat(named: format)).renderer
                    .render(report, style: .plain)
                #expect(text.contains("shared-layouts") == repeats, "\(format)")
            }
            #expect(report.text().contains("layouts  A \(repeats ? 7 : 8), B 8, drawn per round"))
            #expect(report.text().contains("so p is too small") == repeats)
            let others = VerdictOverview([
                try VerdictReport(self.journal(effect: 1.02, layouts: 8)), report,
            ])
            let words = others.text().words.joined(separator: " ")
            #expect(words.contains("layouts: 8 (1), 7 of A and 8 of B (2)") == repeats, "\(words)")
            #expect(words.contains("2: shared-layouts: rounds share a code layout") == repeats)
        }
    }

    @Test func armsThatBootInTurnHaveALayoutEachInOneRound() throws {
        var journal = journal(effect: 1.02, layouts: 8)
        let both = journal.rounds
        journal.rounds = both.flatMap { round in
            [Arm.a, .b].map { arm in
                var one = round
                one.hosts = round.hosts.filter { $0.key == arm }
                one.layouts = round.layouts?.filter { $0.key == arm }
                return one
            }
        }
        let report = try VerdictReport(journal)
        #expect(!report.cells[0].tags.contains("shared-layouts"))
        #expect(report.text().contains("layouts  A 8, B 8, drawn per round\n"))
    }

    @Test func documentsFollowTheirSchemas() throws {
        let validator = SchemaValidator(
            root: try LineCodec.decode(JSONValue.self, from: ReportFormat.schemaText.utf8))
        for layouts in [0, 3] {
            let document = try VerdictReport(journal(effect: 1.02, layouts: layouts)).document
            let value = try LineCodec.decode(
                JSONValue.self, from: LineCodec.encode(document))
            #expect(validator.problems(value) == [])
            #expect(
                try #require(value.at("summary.images-differ")) == .integer(layouts > 0 ? 0 : 1))
        }
    }

    @Test func journalsOfDifferentLayoutsAreNotCompared() {
        #expect(throws: JournalComparison.NotComparable.self) {
            try JournalComparison(journal(effect: 1, layouts: 3), journal(effect: 1))
        }
    }
}
