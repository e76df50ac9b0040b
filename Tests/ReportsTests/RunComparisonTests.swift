// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics
import Testing

@testable import Reports
@testable import Verdicts

struct RunComparisonTests {
    private typealias Run = RunHistory.Run
    private static let rates: [UInt64] = [10_000, 10_100, 9_950, 10_040, 9_930, 10_060, 10_010]
    private static let cell = "pipe/1w1r/64KiB/none"

    /// Earlier runs whose rates differ by some half percent.
    private func earlier(
        _ rates: [UInt64] = rates, cells: [String] = [cell],
        change: (Int, inout StoredJournal) -> Void = { _, _ in }
    ) -> [StoredJournal] {
        rates.enumerated().map { index, rate in
            var journal = JournalBuilder.run(
                operations: rate, cells: cells, number: UInt64(100 + index))
            change(index, &journal)
            return journal
        }
    }

    private func run(_ operations: UInt64, number: UInt64) -> StoredJournal {
        JournalBuilder.run(operations: operations, number: number)
    }

    private func compare(
        _ a: StoredJournal, _ b: StoredJournal, by history: [StoredJournal]
    ) throws -> JournalComparison {
        let runs = history.enumerated().map {
            Run($1, name: "h\($0).jsonl")
        }
        let (a, b) = (a, b)
        return try JournalComparison(
            a, b,
            history: RunHistory(
                runs, besides: [Run(a, name: "a.jsonl"), Run(b, name: "b.jsonl")]))
    }

    @Test func theVerdictIsThatOfTheRuns() throws {
        for (operations, outcome, code) in [
            (10_800, Verdict.Outcome.improved, Int32(0)), (9_200, .regressed, 3),
            (10_010, .equivalent, 0), (10_150, .inconclusive, 4),
        ] {
            let comparison = try compare(
                run(10_000, number: 1), run(UInt64(operations), number: 2), by: earlier())
            #expect(comparison.kind == .history)
            #expect(comparison.cells[0].outcome == outcome, "\(operations)")
            #expect(comparison.exitCode == code)
        }
    }

    @Test func theFiguresAreThoseOfTheComputation() throws {
        let cell = try compare(
            run(10_000, number: 1), run(10_800, number: 2), by: earlier()
        ).cells[0]
        let test = try StudentT.runs(
            a: 10_000, b: 10_800, history: Self.rates.map(Double.init))
        #expect(abs(try #require(cell.p) - test.p) < 1e-9)
        #expect(abs(try #require(cell.effect) - 8) < 1e-9)
        let interval = try test.interval().percent
        #expect(abs(try #require(cell.interval?.lower) - interval.lower) < 1e-9)
        #expect(cell.evidence["history_runs"] == 7)
        // (t.975 + t.80) of 6 degrees of freedom, times S times the root of 2.
        let distance = (2.446912 + 0.905703) * test.standardError
        let detectable = Percent.change(ofLogRatio: distance)
        #expect(abs(try #require(cell.detectable) - detectable) < 1e-4)
    }

    @Test func holmHoldsOverTheCells() throws {
        let names = ["pipe/a", "pipe/b", "pipe/c"]
        func run(_ rates: [UInt64], number: UInt64) -> StoredJournal {
            var journal = JournalBuilder.run(
                operations: 1, slices: 0, cells: names, number: number)
            for (name, rate) in zip(names, rates) {
                for visit in 0..<3 {
                    journal.add(.slice(JournalBuilder.slice(name, rate, number: visit)))
                }
            }
            return journal
        }
        let comparison = try compare(
            run([10_000, 10_000, 10_000], number: 1), run([10_270, 10_000, 10_010], number: 2),
            by: earlier(cells: names))
        let cell = comparison.cells[0]
        let p = try #require(cell.p)
        #expect(p <= 0.05 && p > 0.05 / 3)
        #expect(cell.adjustedP == 3 * p)
        #expect(cell.outcome == .inconclusive)
        #expect(cell.tags == ["not-after-adjustment"])
        #expect(comparison.text().contains("(Holm)"))
    }

    @Test func aSmallDifferenceOfTwoKernelsIsOneOfImages() throws {
        let cases: [(UInt64, String?, Verdict.Outcome, Int32)] = [
            (10_280, "7.2", .imagesDiffer, 4), (10_280, nil, .improved, 0),
            (9_720, "7.2", .imagesDiffer, 4), (10_800, "7.2", .improved, 0),
            (10_010, "7.2", .equivalent, 0),
        ]
        for (operations, release, outcome, code) in cases {
            var b = run(operations, number: 2)
            if let release { b.header.host.kernelRelease = release }
            let comparison = try compare(run(10_000, number: 1), b, by: earlier())
            #expect(comparison.cells[0].outcome == outcome, "\(operations) \(release ?? "same")")
            #expect(comparison.exitCode == code)
        }
    }

    @Test func fewerThanSixRunsAreAUsageErrorThatSaysHowMany() {
        let a = run(10_000, number: 1)
        let b = run(10_100, number: 2)
        for history in [
            earlier(Array(Self.rates.prefix(5))),
            earlier { index, journal in
                if index < 2 {
                    for place in journal.slices.indices {
                        journal.slices[place].reasons = [
                            Validity.Reason.inputOutputError.rawValue: "EIO"
                        ]
                    }
                }
            },
        ] {
            let error = #expect(throws: PlumblineError.self) { try compare(a, b, by: history) }
            #expect(error?.kind == .usage)
            #expect(
                error?.message
                    == "--history has 5 runs that can be used, and 6 are needed")
        }
    }

    @Test func aRunCountsForTheCellsThatItMeasured() throws {
        let names = ["pipe/a", "pipe/b"]
        let history = earlier(cells: names) { index, journal in
            if index < 2 { journal.slices.removeAll { $0.cell == "pipe/b" } }
        }
        let comparison = try compare(
            JournalBuilder.run(operations: 10_000, cells: names, number: 1),
            JournalBuilder.run(operations: 10_010, cells: names, number: 2), by: history)
        #expect(comparison.cells.map(\.outcome) == [.equivalent, .inconclusive])
        #expect(comparison.cells[1].tags == ["too-few-runs"])
        #expect(comparison.cells[1].p == nil)
        #expect(comparison.exitCode == 4)
        #expect(comparison.text().contains("5 earlier runs measured this cell, 6 are needed"))
    }

    @Test func eachMismatchOfTheHistoryIsRefusedByJournalAndName() {
        let changes: [(String, (inout JournalHeader) -> Void)] = [
            ("suite", { $0.plan.suite.name = "other" }),
            ("workload of \(Self.cell)", { $0.plan.suite.cells[0].settings["msgsize"] = 4096 }),
            ("slice length", { $0.plan.suite.slice = 250_000_000 }),
            ("CPU count", { $0.host.cpus = 4 }), ("CPU model", { $0.host.cpuModel = "Another" }),
            ("memory", { $0.host.memory = 1 << 30 }),
            ("history's kernel", { $0.host.kernelRelease = "7.2" }),
            ("history's kernel", { $0.host.buildID = "ff" }),
        ]
        for (field, change) in changes {
            let history = earlier { index, journal in
                if index == 3 { change(&journal.header) }
            }
            let error = #expect(throws: JournalComparison.NotComparable.self) {
                try compare(run(10_000, number: 1), run(10_100, number: 2), by: history)
            }
            #expect(error?.reasons.count == 1)
            let reason = error?.reasons.first ?? ""
            #expect(reason.hasPrefix("h3.jsonl: the \(field) differs: "), "\(reason)")
        }
    }

    @Test func aRunServesOnce() {
        let history = earlier()
        let a = run(10_000, number: 1)
        for (a, b, history, message) in [
            (a, a, history, "a.jsonl and b.jsonl are one run"),
            (a, history[2], history, "b.jsonl and h2.jsonl are one run"),
            (a, run(1, number: 2), history + [a], "a.jsonl and h7.jsonl are one run"),
        ] {
            let error = #expect(throws: PlumblineError.self) { try compare(a, b, by: history) }
            #expect(error?.kind == .usage)
            #expect(error?.message == message)
        }
    }

    @Test func twoArmsAreRefused() {
        var builder = JournalBuilder()
        builder.add(6)
        let toggle = builder.ended()
        #expect(throws: PlumblineError.self) {
            try compare(run(1, number: 1), toggle, by: earlier())
        }
        let error = #expect(throws: JournalComparison.NotComparable.self) {
            try compare(run(1, number: 2), run(1, number: 3), by: earlier() + [toggle])
        }
        #expect(error?.reasons == ["h7.jsonl holds two arms"])
    }

    @Test func whatCannotBeJudgedIsInvalid() throws {
        let a = run(10_000, number: 1)
        var void = run(10_000, number: 2)
        for place in void.slices.indices {
            void.slices[place].reasons = [Validity.Reason.corruption.rawValue: "at 4096"]
        }
        #expect(try compare(a, void, by: earlier()).cells[0].tags == ["no-rate", "corruption"])
        #expect(try compare(a, run(0, number: 2), by: earlier()).exitCode == 5)
        var failed = run(10_000, number: 2)
        failed.add(.cellFailed(.init(cell: Self.cell, number: 9, error: .failure("x"))))
        #expect(try compare(a, failed, by: earlier()).cells[0].error?.message == "x")
        let uneven = [(20, 0), (10, 10)].enumerated().map { index, counts in
            var journal = JournalBuilder.run(
                operations: 10_000, slices: counts.0 + counts.1, number: UInt64(index))
            for place in 0..<counts.1 {
                journal.slices[place].reasons = [Validity.Reason.inputOutputError.rawValue: "EIO"]
            }
            return journal
        }
        #expect(try compare(uneven[0], uneven[1], by: earlier()).cells[0].tags == ["uneven-voids"])
    }

    @Test func equalRunsShowNoSpread() throws {
        let cell = try compare(
            run(10_000, number: 1), run(10_001, number: 2),
            by: earlier([UInt64](repeating: 10_000, count: 6))
        ).cells[0]
        #expect(cell.outcome == .inconclusive)
        #expect(cell.tags == ["no-spread"])
        #expect(cell.p == nil)
    }

    @Test func theTextSaysWhatItRestsOnInEightyColumns() throws {
        var b = run(10_280, number: 2)
        b.header.host.kernelRelease = "7.2.0"
        let text = try compare(run(10_000, number: 1), b, by: earlier()).text()
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        for part in [
            "B vs A", "1250 MiB/s", "1285 MiB/s", "+2.80% [", "n=7", "images-differ; ",
            "note: two images in one layout each", "7 earlier runs",
        ] {
            #expect(text.contains(part), "\(part)")
        }
    }
}
