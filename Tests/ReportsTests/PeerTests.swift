// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import SchemaSupport
import Testing

@testable import Reports
@testable import Verdicts

/// How reports tell whether cells that measure the same by different means tell the same effect.
struct PeerTests {
    private static let ours = "pipe/1w1r/64KiB/none"
    private static let loop = "command/loop/none"
    private static let other = "command/other/none"
    private static let pressed = "pipe/1w1r/64KiB/memcg"

    private func journal(
        _ effects: [(cell: String, effect: Double)], blocks: Int = 24,
        rounds: Int? = nil
    ) -> StoredJournal {
        var builder = JournalBuilder(cells: effects.map(\.cell), rule: .fixed)
        for place in effects.indices { builder.journal.header.plan.suite.cells[place].peer = "p" }
        if let rounds {
            builder.journal.header.plan.kind = .ab
            builder.journal.header.plan.comparison?.knobs = []
            builder.journal.header.plan.comparison?.rounds = rounds
        }
        for (cell, effect) in effects {
            builder.add(blocks, of: cell, effect: effect) {
                if let rounds { $0.round = ($0.block ?? 0) * rounds / blocks }
            }
        }
        return builder.ended()
    }

    private func words(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test("one boot, and rounds of boots", arguments: [nil, 8])
    func standings(rounds: Int?) throws {
        let report = try VerdictReport(
            journal([(Self.ours, 1.2), (Self.loop, 1.2), (Self.other, 1.3)], rounds: rounds))
        let group = try #require(report.peers.first)
        #expect(report.peers.count == 1)
        #expect(group.label == "p")
        #expect(group.peers.map(\.cell) == [Self.ours, Self.loop, Self.other])
        #expect(group.peers.map(\.standing) == [nil, .agree, .disagree])
        // The effect is that of the cell's own row.
        #expect(group.peers.map(\.effect) == report.cells.map(\.effect))
        #expect(group.peers.map(\.interval) == report.cells.map(\.interval))
        let text = words(report.text())
        #expect(text.contains("Peers, p \(Self.ours): +"), "\(text)")
        #expect(text.contains("; agree: the difference "), "\(text)")
        #expect(text.contains("] has 0 in it"))
        #expect(text.contains("; disagree: the difference +"))
        #expect(text.contains("] has not 0 in it"))
        #expect(text.contains("An interval with 0 in it shows no difference"))
        #expect(!text.contains("equal"))
    }

    @Test func cellsUnderAnotherPressureAreOtherPeersAndOneAloneHasNone() throws {
        let report = try VerdictReport(
            journal([(Self.ours, 1.2), (Self.pressed, 1.1), (Self.loop, 1.2)]))
        #expect(report.peers.map { $0.peers.map(\.cell) } == [[Self.ours, Self.loop]])
        let alone = try VerdictReport(journal([(Self.ours, 1.2), (Self.pressed, 1.1)]))
        #expect(alone.peers.isEmpty)
        #expect(!alone.text().contains("Peers"))
        #expect(try alone.json().at("peers") == nil)
    }

    @Test func whatIsNotDecidedSaysWhy() throws {
        let report = try VerdictReport(
            journal([(Self.ours, 1.2), (Self.loop, 1.2)], blocks: 4))
        let text = words(report.text())
        #expect(text.contains("not decided: that needs 5 blocks each"), "\(text)")
        let failed = try {
            var journal = journal([(Self.ours, 1.2), (Self.loop, 1.2)])
            journal.add(
                .cellFailed(
                    .init(cell: Self.loop, arm: .a, number: 0, error: .failure("no program"))))
            return try VerdictReport(journal)
        }()
        #expect(words(failed.text()).contains("not decided: the cell is invalid"))
    }

    @Test func theDocumentKeepsItsSchemaAndThePageAndTheMailHaveTheLines() throws {
        let report = try VerdictReport(
            journal([(Self.ours, 1.2), (Self.loop, 1.2), (Self.other, 1.3)]))
        let json = try report.json()
        #expect(json.at("cells.0.peer") == .text("p"))
        #expect(json.at("peers.0.label") == .text("p"))
        #expect(json.at("peers.0.cells.0.standing") == nil)
        #expect(json.at("peers.0.cells.1.standing") == .text("agree"))
        #expect(json.at("peers.0.cells.2.standing") == .text("disagree"))
        #expect(json.at("peers.0.cells.2.difference_interval_percent.0") != nil)
        let validator = SchemaValidator(
            root: try LineCodec.decode(JSONValue.self, from: ReportFormat.schemaText.utf8))
        #expect(validator.problems(json) == [])
        let html = try HTMLPageTests.page(report, gnuplot: Gnuplot(program: "")).tree
        #expect(words(html.wholeText).contains("; disagree: the difference +"))
        let mail = try #require(ReportFormat.all.first { $0.name == "lkml" }).renderer
            .render(report, style: .plain)
        #expect(words(mail).contains("; agree: the difference "))
        #expect(mail.split(separator: "\n").allSatisfy { $0.count <= 72 })
    }

    @Test func aRunsDocumentHasTheLabelToo() throws {
        var journal = JournalBuilder.run(operations: 1000)
        journal.header.plan.suite.cells[0].peer = "p"
        let json = try RunReport(journal, exitCode: 0).json()
        #expect(json.at("cells.0.peer") == .text("p"))
    }

    @Test func aFilterKeepsTheGroupsOfTheCellsThatAreShown() throws {
        let report = try VerdictReport(journal([(Self.ours, 1.2), (Self.loop, 1.2)]))
        #expect(report.keeping { $0.plan.name == Self.loop }.peers == report.peers)
        #expect(report.keeping { _ in false }.peers.isEmpty)
    }
}
