// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
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
        builder.journal.header.id = "\(effect)"
        builder.journal.header.host.initOnAlloc = zeroing
        for cell in cells { builder.add(24, of: cell, effect: effect) }
        builder.journal.header.plan.guest = accelerator.map {
            GuestRecord(
                image: "bzImage", accelerator: $0, metric: .time, machine: "microvm", cpus: 2,
                memory: 1 << 30, nodes: 1, pins: [], commandLine: words)
        }
        return try VerdictReport(builder.journal)
    }

    /// Journals below their cells.
    private static func list(_ reports: [VerdictReport]) -> VerdictOverview {
        VerdictOverview(
            reports.enumerated().map { ("\($0.offset + 1)", .verdicts($0.element)) },
            rows: [.cell, .journal])
    }

    private static func lines(_ overview: VerdictOverview) -> [String] {
        overview.text().split(separator: "\n").map { $0.trimmed }
    }

    @Test func theTableHasACellARowAndAJournalAColumn() throws {
        let lines = Self.lines(
            VerdictOverview([try Self.report(effect: 1.1), try Self.report(effect: 0.9)]))
        #expect(lines[0] == "1  time, vm.x 1 to 2" && lines[1] == "2  time, vm.x 1 to 2")
        #expect(lines[2].split(separator: " ") == ["1", "2"])
        #expect(lines[3] == "pipe/a/none")
        #expect(lines[4].contains(/^\+.*\[.*\] +-.*\[.*\]$/))
        #expect(lines[5].contains(/^improved, n=24 +regressed, n=24$/))
    }

    @Test func cellsThatAJournalLacksAreEmptyPlaces() throws {
        var other = JournalBuilder(cells: ["pipe/c/none"], rule: .fixed)
        other.add(24)
        let lines = Self.lines(
            VerdictOverview([try Self.report(effect: 1.1), try VerdictReport(other.ended())]))
        let place = try #require(lines.firstIndex(of: "pipe/c/none"))
        #expect(lines[place + 2] == "equivalent, n=24")
        #expect(lines.count { $0 == "improved, n=24" } == 2)
    }

    @Test func columnsThatDoNotFitAreTablesOfTheirOwn() throws {
        let reports = try (0..<5).map { _ in try Self.report(effect: 1.1) }
        let text = VerdictOverview(reports).text()
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= TextPage.width })
        #expect(text.occurrences(of: "\npipe/a/none\n") == 2)
        #expect(text.occurrences(of: "improved, n=24") == 10)
    }

    @Test func rowsAndColumnsAreThoseThatAreAskedFor() throws {
        func lines(_ rows: [ResultKey], _ columns: [ResultKey]?) throws -> [String] {
            var builder = JournalBuilder(cells: ["pipe/a/none", "pipe/a/memcg"], rule: .fixed)
            for cell in ["pipe/a/none", "pipe/a/memcg"] { builder.add(24, of: cell, effect: 1.1) }
            let report = try VerdictReport(builder.ended())
            return Self.lines(
                VerdictOverview([("j", .verdicts(report))], rows: rows, columns: columns))
        }
        let pressure = try lines([.workload], [.pressure])
        #expect(pressure[0].split(separator: " ") == ["none", "memcg"] && pressure[1] == "pipe")
        #expect(try lines([.pressure], nil).contains("memcg"))
        // What comes together in one place is one below the other.
        let one = try lines([.workload], [])
        #expect(one.first == "pipe" && one.count { $0 == "improved, n=24" } == 2)
    }

    @Test func runsShowTheirRates() throws {
        let runs = (1...2).map { number in
            JournalBuilder.run(operations: 10_000, number: UInt64(number))
        }
        let overview = VerdictOverview(
            try runs.enumerated().map {
                ("run\($0.offset)", try JournalResult($0.element))
            })
        let lines = Self.lines(overview)
        #expect(lines[0] == "run0  time, 6.1.0-18-amd64")
        #expect(lines.contains { $0.contains(/^1250 MiB\/s ± 0.0% +1250 MiB\/s ± 0.0%$/) })
        #expect(overview.exitCode == 0)
        #expect(overview.verdicts.isEmpty && overview.rows.count == 2)
        let empty = VerdictOverview([
            ("a", try JournalResult(JournalBuilder.run(operations: 1, slices: 0)))
        ])
        #expect(empty.exitCode == 5)
    }

    @Test func whatIsNotShownAndDiffersIsWarnedOf() throws {
        func report(_ change: (inout JournalHeader) -> Void) throws -> VerdictReport {
            var builder = JournalBuilder(cells: Self.cells, rule: .fixed)
            change(&builder.journal.header)
            builder.add(8, of: Self.cells[0])
            return try VerdictReport(builder.ended())
        }
        let reports = [
            try report { _ in }, try report { $0.plan.suite.slice = 100_000_000 },
            try report { $0.plan.suite.slice = 100_000_000 }, try report { $0.id = "other" },
            try report { $0.host.kernelRelease = "6.2" },
        ]
        let words = VerdictOverview(reports).text().split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
        #expect(
            words.contains(
                "warning: the journals differ in what is not shown: "
                    + "slice length: 500ms (1, 4, 5), 100ms (2, 3)"), "\(words)")
        #expect(words.contains(" kernel: 6.1.0-18-amd64, build 0123456789ab (1, 2, 3 and 1 more)"))
        let json = try VerdictOverview(reports).json()
        #expect(json.at("warnings.0") == .text("slice length: 500ms (1, 4, 5), 100ms (2, 3)"))
        #expect(try VerdictOverview([reports[0], reports[3]]).json().at("warnings") == .array([]))
        let shown = VerdictOverview(
            reports.enumerated().map { ("\($0.offset)", .verdicts($0.element)) }, rows: [.cell],
            columns: [.kernel])
        #expect(!shown.text().contains("kernel: "))
        #expect(!VerdictOverview([reports[0], reports[3]]).text().contains("warning"))
    }

    @Test func severalJournalsAreOneTableCellByCell() throws {
        let overview = Self.list([try Self.report(effect: 1.1), try Self.report(effect: 0.9)])
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
        let text = Self.list([
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
        let text = Self.list([
            try VerdictReport(images.ended()), try VerdictReport(idle.ended()),
        ]).text()
        #expect(text.contains("\n  images-differ: code layout alone can make this difference\n"))
        #expect(text.contains("\n  workers-unpressured: workers were not in direct reclaim"))
    }

    @Test func journalsWhoseKernelsWereBootedOtherwiseAreToldApart() throws {
        func rows(_ reports: [VerdictReport]) -> [String] {
            let text = Self.list(reports).text()
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
        // Words that all have, the clock's rate and the size of RAM disks tell nothing; then the
        // journals' names do.
        #expect(
            rows([
                try Self.report(
                    effect: 1.1, accelerator: "tcg", words: "quiet tsc_early_khz=1 brd.rd_size=1"),
                try Self.report(
                    effect: 1.1, accelerator: "tcg",
                    words: "quiet tsc_early_khz=2 brd.rd_size=2 init_on_alloc=1 nosmt", zeroing: 1),
                try Self.report(effect: 1.1, zeroing: 1),
            ]).prefix(3) == [
                "time, vm.x 1 to 2, 1", "time, vm.x 1 to 2, nosmt", "time, vm.x 1 to 2, 3",
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
