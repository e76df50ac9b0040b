// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Protocol
import Testing

@testable import Reports
@testable import Verdicts

struct VerdictOverviewTests {
    private static let cells = ["pipe/a/none", "pipe/b/none"]

    /// The verdicts of a journal with both cells.
    private static func report(
        effect: Double, rule: ComparisonRecord.Rule = .fixed, accelerator: String? = nil,
        words: String = "", zeroing: Int? = nil
    ) throws -> VerdictReport {
        var builder = JournalBuilder(cells: cells, rule: rule)
        builder.journal.header.host.initOnAlloc = zeroing
        for cell in cells { builder.add(24, of: cell, effect: effect) }
        builder.journal.header.plan.guest = accelerator.map {
            GuestRecord(
                image: "bzImage", accelerator: $0, metric: .time, machine: "microvm", cpus: 2,
                memory: 1 << 30, nodes: 1, pins: [], commandLine: words)
        }
        return try VerdictReport(builder.journal)
    }

    @Test func severalJournalsAreOneTableCellByCell() throws {
        let overview = VerdictOverview([
            try Self.report(effect: 1.1), try Self.report(effect: 0.9),
        ])
        let lines = overview.text().split(separator: "\n")
        #expect(lines.map { $0.hasPrefix("pipe") } == [true, false, false, true, false, false])
        #expect(lines[1].contains("vm.x 1 to 2") && lines[1].hasSuffix("improved"))
        #expect(lines[2].hasSuffix("regressed"))
        #expect(overview.exitCode == 3)
        guard case .object(let document) = try overview.json(),
            case .array(let reports)? = document["reports"]
        else {
            Issue.record("no reports")
            return
        }
        #expect(reports.count == 2)
    }

    @Test func whatALookStoppedIsMarked() throws {
        let text = VerdictOverview([
            try Self.report(effect: 1.1), try Self.report(effect: 1.1, rule: .budget),
        ]).text()
        #expect(text.occurrences(of: "\n  early-stop: it stopped after ") == 2)
        #expect(text.occurrences(of: "An early stop tends to overstate the size of a change;") == 1)
    }

    @Test func whatARowLacksIsBelowIt() throws {
        var images = JournalBuilder(cells: Self.cells, rule: .fixed, knobs: [])
        images.add(24, of: Self.cells[0], effect: 1.02)
        var idle = JournalBuilder(cells: Self.cells, rule: .fixed)
        idle.journal.header.plan.suite.cells[0].pressure = "memcg"
        idle.add(24, of: Self.cells[0], effect: 1.1) {
            $0.evidence.workers["reclaim_stalls"] = 0
        }
        let text = VerdictOverview([
            try VerdictReport(images.ended()), try VerdictReport(idle.ended()),
        ]).text()
        #expect(text.contains("\n  images-differ: code layout alone can make this difference\n"))
        #expect(text.contains("\n  workers-unpressured: workers were not in direct reclaim"))
    }

    @Test func journalsWhoseKernelsWereBootedOtherwiseAreToldApart() throws {
        func rows(_ reports: [VerdictReport]) -> [String] {
            let text = VerdictOverview(reports).text()
            return text.split(separator: "\n").filter { $0.contains("vm.x 1 to 2") }.map {
                String($0.prefix { $0 != "+" }.drop { $0 == " " }).withoutEnd
            }
        }
        #expect(
            rows([
                try Self.report(effect: 1.1, zeroing: 0), try Self.report(effect: 1.1, zeroing: 1),
            ]).prefix(2) == [
                "time, vm.x 1 to 2, init_on_alloc=0", "time, vm.x 1 to 2, init_on_alloc=1",
            ])
        // Words that all have, the clock's rate and the size of RAM disks tell nothing.
        #expect(
            rows([
                try Self.report(
                    effect: 1.1, accelerator: "tcg", words: "quiet tsc_early_khz=1 brd.rd_size=1"),
                try Self.report(
                    effect: 1.1, accelerator: "tcg",
                    words: "quiet tsc_early_khz=2 brd.rd_size=2 init_on_alloc=1 nosmt", zeroing: 1),
                try Self.report(effect: 1.1, zeroing: 1),
            ]).prefix(3) == [
                "time, vm.x 1 to 2", "time, vm.x 1 to 2, nosmt", "time, vm.x 1 to 2",
            ])
    }

    @Test func figuresOfEmulatedGuestsAreLabelled() throws {
        let real = VerdictOverview([try Self.report(effect: 1.1, accelerator: "kvm")])
        #expect(!real.text().contains("were emulated"))
        let emulated = VerdictOverview([try Self.report(effect: 1.1, accelerator: "tcg")])
        #expect(emulated.text().contains("The guests were emulated."))
    }
}

extension String {
    /// How often a text is in it.
    fileprivate func occurrences(of text: String) -> Int { ranges(of: text).count }

    /// Without the blanks at its end.
    fileprivate var withoutEnd: String { String(reversed().drop { $0 == " " }.reversed()) }
}
