// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics
import Testing

@testable import Reports
@testable import Verdicts

struct EarlyStopTests {
    private func report(_ builder: JournalBuilder) throws -> VerdictReport {
        try VerdictReport(builder.ended())
    }

    private let sentence = "An early stop tends to overstate the size of a change;"

    @Test func aCellThatALookStoppedSaysSo() throws {
        var builder = JournalBuilder()
        builder.add(24, effect: 1.2)
        let report = try report(builder)
        let cell = report.cells[0]
        #expect(cell.stoppedEarly && cell.tags.contains("early-stop"))
        #expect(cell.plannedUnits == 24)
        let text = report.text()
        #expect(text.contains("note: early-stop: it stopped after 6 of 24 blocks\n"), "\(text)")
        #expect(text.split(separator: "\n").count { $0.contains(sentence) } == 1)
    }

    @Test func fewerThanFiveRoundsAreNoDifferenceAmongSeveralCellsEither() throws {
        var builder = JournalBuilder(cells: ["pipe/a", "pipe/b"], rule: .fixed, blocks: 8)
        builder.journal.header.plan.kind = .ab
        builder.journal.header.plan.comparison?.rounds = 8
        for cell in ["pipe/a", "pipe/b"] {
            builder.add(4, of: cell, effect: 1.2) { $0.round = $0.block }
        }
        let report = try VerdictReport(builder.ended())
        #expect(report.cells.map(\.outcome) == [.inconclusive, .inconclusive])
        #expect(report.cells.allSatisfy { $0.tags.contains(Verdict.Tag.tooEarly.rawValue) })
    }

    @Test func roundsAreCountedWhereBootsAreTheUnits() throws {
        var builder = JournalBuilder(blocks: 16)
        builder.journal.header.plan.kind = .ab
        builder.journal.header.plan.comparison?.rounds = 8
        builder.journal.header.plan.comparison?.looks = 4
        builder.add(16, effect: 1.2) { $0.round = ($0.block ?? 0) / 2 }
        let text = try report(builder).text()
        #expect(text.contains("note: early-stop: it stopped after 6 of 8 rounds\n"), "\(text)")
        #expect(text.contains("looks after 6 and 8 rounds"))
    }

    @Test func aCellThatRanToItsEndIsNotMarked() throws {
        var builder = JournalBuilder()
        builder.add(24, noise: 0.2)
        var report = try report(builder)
        #expect(!report.cells[0].stoppedEarly && !report.cells[0].tags.contains("early-stop"))
        #expect(!report.text().contains(sentence))
        // Judged once at the end, however clear it is.
        var fixed = JournalBuilder(rule: .fixed)
        fixed.add(24, effect: 1.2)
        report = try self.report(fixed)
        #expect(!report.cells[0].stoppedEarly && !report.cells[0].tags.contains("early-stop"))
    }

    @Test func anExperimentThatEndedEarlyHasNoBiasButNoClaimIsHeldAgainstIt() throws {
        var builder = JournalBuilder()
        builder.add(20, noise: 0.2)
        let cell = try report(builder).cells[0]
        #expect(cell.stoppedEarly && !cell.tags.contains("early-stop"))
        #expect(try report(JournalBuilder()).cells[0].stoppedEarly)
    }

    @Test func whatStopsByADecisionAloneAlwaysStopsEarly() throws {
        var builder = JournalBuilder(rule: .untilDecided)
        builder.add(24, effect: 1.2)
        let report = try report(builder)
        #expect(report.cells[0].stoppedEarly && report.cells[0].tags.contains("early-stop"))
        #expect(report.text().contains("it stopped after 24 blocks\n"))
    }

    @Test func beforeTheFirstLookItIsSaidThatThereWasNone() throws {
        var builder = JournalBuilder(blocks: 16)
        builder.journal.header.plan.kind = .ab
        builder.journal.header.plan.comparison?.rounds = 8
        builder.journal.header.plan.comparison?.looks = 4
        builder.add(10, effect: 1.2) { $0.round = ($0.block ?? 0) / 2 }
        let text = try report(builder).text()
        #expect(
            text.contains("the first look comes after more than 5 rounds of boots"), "\(text)")
    }

    @Test func onlyLikeCellsThatAreDecidedHaveAGeometricMean() throws {
        func mean(
            _ cells: [String], pressures: [String] = [], limits: [SettingValue] = [],
            firstIsOpen: Bool = false
        ) throws -> Bool {
            var builder = JournalBuilder(cells: cells, blocks: 24)
            for (place, pressure) in pressures.enumerated() {
                builder.journal.header.plan.suite.cells[place].pressure = pressure
            }
            for (place, limit) in limits.enumerated() {
                builder.journal.header.plan.suite.cells[place].pressureSettings = ["limit": limit]
            }
            for cell in cells {
                let isOpen = firstIsOpen && cell == cells[0]
                builder.add(24, of: cell, effect: isOpen ? 1 : 1.1, noise: isOpen ? 0.2 : 0.01)
            }
            let report = try report(builder)
            #expect(report.text().contains("geomean") == (report.cells.geometricMean != nil))
            return report.cells.geometricMean != nil
        }
        #expect(try mean(["pipe/1w1r", "pipe/2w1r"]))
        #expect(try !mean(["pipe/1w1r"]))
        #expect(try !mean(["pipe/1w1r", "splice/tee"]))
        #expect(try mean(["pipe/1w1r", "pipe/2w1r"], pressures: ["memcg", "memcg"]))
        #expect(try !mean(["pipe/1w1r", "pipe/2w1r"], pressures: ["none", "memcg"]))
        #expect(
            try !mean(
                ["pipe/1w1r", "pipe/2w1r"], pressures: ["memcg", "memcg"], limits: [64, 128]))
        #expect(try !mean(["pipe/1w1r", "pipe/2w1r"], pressures: ["cgroup", "cgroup"]))
        #expect(try !mean(["pipe/1w1r", "pipe/2w1r"], firstIsOpen: true))
    }
}
