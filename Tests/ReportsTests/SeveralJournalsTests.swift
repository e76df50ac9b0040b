// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Testing
import Yams

@testable import Reports
@testable import Verdicts

/// Several journals in each format: nothing of them is left out without a word.
struct SeveralJournalsTests {
    private func text(_ report: some Report, as name: String) throws -> String {
        try #require(ReportFormat(named: name)).renderer.render(report, style: .plain)
    }

    @Test(arguments: ["text", "json", "gate", "junit", "ktap", "lava", "tmt", "csv", "gobench"])
    func aRunAmongJournalsIsShown(format: String) throws {
        let with = try text(SeveralJournals.overview(), as: format)
        let without = try text(SeveralJournals.overview(runs: false), as: format)
        #expect(with.ranges(of: "pipe").count > without.ranges(of: "pipe").count, "\(with)")
    }

    @Test func theCellsOfARunAreSkippedWithTheReason() throws {
        let rows = try text(SeveralJournals.overview(), as: "gate").split(separator: "\n")
        let run = rows.filter { $0.contains("20261123T000000Z-3/") }
        #expect(run.count == 2)
        #expect(run[0].hasPrefix("skip\t") && run[1].hasPrefix("error\t"))
        #expect(run[0].contains("\tno-verdict\ta run has one arm, and nothing to compare\t"))
        #expect(run[1].contains("\tinvalid\tno slice counts\t"))
    }

    @Test func aMailRefusesARunByNameAndSaysWhatShowsIt() throws {
        let overview = try SeveralJournals.overview()
        let error = #expect(throws: PlumblineError.self) { try text(overview, as: "lkml") }
        #expect(
            error?.message == "--format lkml is not supported here: run is a journal of a run, "
                + "without a verdict")
        let list = try #require(error?.remedy.split(separator: "--format ").last)
        let named = list.replacing(" or ", with: ", ").replacing(",", with: "").words
        for format in ReportFormat.all where format.name != "html" {
            let isShown = (try? format.renderer.render(overview, style: .plain)) != nil
            #expect(named.contains(format.name) == isShown, "\(format.name)")
        }
    }

    /// LAVA's signals have no place for it.
    @Test(arguments: ["text", "json", "gate", "junit", "ktap", "tmt", "lkml", "csv", "gobench"])
    func aLostRoundIsToldInEveryFormat(format: String) throws {
        let report = try SeveralJournals.kernels()
        #expect(report.cells[0].tags.contains("lost-rounds-b"))
        #expect(report.cells[0].outcome == .improved && report.exitCode == 0)
        let short: Set = ["gate", "tmt"]
        let words =
            short.contains(format)
            ? "1 void round (lost B)"
            : "the guest new panicked before its agent started"
        for text in [
            try text(report, as: format),
            try text(SeveralJournals.overview(runs: false), as: format),
        ] {
            #expect(text.words.joined(separator: " ").contains(words), "\(text)")
        }
    }

    @Test func programsCanCountLostRounds() throws {
        let document = try SeveralJournals.kernels().json()
        #expect(document.at("experiment.lost_rounds.0.round") == .integer(3))
        #expect(document.at("experiment.lost_rounds.0.arm") == .text("B"))
        let lines = try text(SeveralJournals.overview(), as: "csv").split(separator: "\r\n")
        #expect(lines[1].hasSuffix(",toggle,,,,,,,"))
        #expect(lines[3].contains(",kernels,0,1,"))
        #expect(lines[4].hasSuffix(",run,,,,,,,"))
    }

    @Test func oneExperimentInTwoJournalsIsWarnedOf() throws {
        let one = try SeveralJournals.toggle()
        let overview = VerdictOverview([("a", .verdicts(one)), ("b", .verdicts(one))])
        #expect(overview.repeats == ["a and b are one experiment, 20261121T000000Z-1"])
        #expect(overview.text().contains("\n  warning: a and b are one experiment"))
        #expect(try SeveralJournals.overview().repeats == [])
    }

    @Test func metricsHaveRowsOfTheirOwn() throws {
        var builder = JournalBuilder(rule: .repeated, blocks: 8)
        builder.journal.header.plan.metric = .instructions
        builder.journal.header.plan.comparison?.rounds = 8
        builder.add(8, effect: 1.1, noise: 0.0001) { $0.round = $0.block }
        let results: [(name: String, result: JournalResult)] = [
            ("time", .verdicts(try SeveralJournals.kernels())),
            ("count", .verdicts(try VerdictReport(builder.ended()))),
        ]
        let lines = VerdictOverview(results).text().split(separator: "\n")
        #expect(lines.contains("pipe/1w1r/64KiB/none, time"))
        #expect(lines.contains("pipe/1w1r/64KiB/none, instructions"))
        let columns = VerdictOverview(results, columns: [.metric]).text().split(separator: "\n")
        #expect(columns.contains("pipe/1w1r/64KiB/none"))
    }

    @Test func whatComesTogetherInOnePlaceIsNamed() throws {
        let cells = ["pipe/a/none", "pipe/b/none", "dio/c/memcg"]
        var builder = JournalBuilder(cells: cells, rule: .fixed)
        for cell in cells { builder.add(24, of: cell, effect: 1.1) }
        let report = JournalResult.verdicts(try VerdictReport(builder.ended()))
        func lines(_ names: [String], _ rows: [ResultKey], _ columns: [ResultKey]) -> [String] {
            VerdictOverview(names.map { ($0, report) }, rows: rows, columns: columns).text()
                .split(separator: "\n").map { $0.trimmed }
        }
        let one = lines(["j"], [.workload], [.pressure])
        #expect(one.contains("pipe/a/none") && one.contains("pipe/b/none"))
        // What is alone in its place has the names of its row and its column.
        #expect(!one.contains { $0.contains("dio/c") })
        #expect(lines(["j", "k"], [.cell], [.pressure]).count { $0 == "k" } == 3)
        #expect(lines(["j"], [.journal], []).contains { $0.hasPrefix("time, vm.x 1 to 2, pipe/a") })
    }
}
