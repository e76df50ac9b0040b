// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Testing

@testable import Reports
@testable import Verdicts

/// What `--format gobench` prints, held against the rules of the format.
struct GoBenchTests {
    private func text(_ report: some Report) throws(PlumblineError) -> String {
        try GoBenchRenderer().render(report, style: .plain)
    }

    private static func report(rounds: Bool = false) throws -> VerdictReport {
        var builder = JournalBuilder(rule: .fixed, blocks: 16)
        builder.journal.header.plan.suite.cells[0].settings = ["msgsize": 65536, "writers": 2]
        if rounds {
            builder.journal.header.plan.kind = .ab
            builder.journal.header.plan.comparison?.rounds = 8
        }
        builder.add(16, effect: 1.1) { if rounds { $0.round = ($0.block ?? 0) / 2 } }
        return try VerdictReport(builder.ended())
    }

    @Test("a block is a line of each arm, the arm is a key, and the settings are in the name")
    func blocks() throws {
        let results = try GoBenchRules.read(text(Self.report()))
        #expect(
            results.map(\.configuration["arm"]) == [String?](repeating: "A", count: 16)
                + [String?](repeating: "B", count: 16))
        #expect(
            Set(results.map(\.name)) == ["Pipe/msgsize=65536/writers=2/pressure=none-2"])
        for result in results {
            #expect(Set(result.values.keys) == ["ns/op", "B/s"])
            let bytes = try #require(result.values["B/s"])
            let time = try #require(result.values["ns/op"])
            // An operation of the builder moves 64 KiB.
            #expect(abs(bytes * time / 1e9 / 65536 - 1) < 1e-9)
        }
        let keys = ["suite": "example", "metric": "time", "arch": "x86_64", "emulated": "no"]
        for (key, value) in keys { #expect(results[0].configuration[key] == value) }
        #expect(results[0].configuration["cpu"] == "Example CPU 2.4 GHz")
    }

    @Test("rounds of boots are the lines where they are the units")
    func rounds() throws {
        #expect(try GoBenchRules.read(text(Self.report(rounds: true))).count == 16)
    }

    @Test("a file of one journal has no key that another one's differs in but for the set-up")
    func files() throws {
        var other = JournalBuilder(rule: .fixed)
        other.journal.header.id = "another"
        other.journal.header.host.kernelRelease = "6.2"
        other.add(8)
        let texts = [try text(Self.report()), try text(VerdictReport(other.ended()))]
        let keys = texts.map { GoBenchRules.read($0)[0].configuration }
        #expect(keys[0] == keys[1])
    }

    @Test("several journals are told apart by a key, one that is given twice too")
    func several() throws {
        let report = try Self.report()
        let results = try GoBenchRules.read(
            text(
                VerdictOverview([
                    ("monday", .verdicts(report)), ("monday #2", .verdicts(report)),
                ])))
        let keys = results.compactMap(\.configuration["journal"])
        #expect(keys == (0..<64).map { $0 < 32 ? "monday" : "monday #2" })
        #expect(Set(results.map(\.name)).count == 1)
    }

    @Test("a run's slices that count are its lines")
    func run() throws {
        var journal = JournalBuilder.run(operations: 10_000, slices: 4)
        var void = JournalBuilder.slice("pipe/1w1r/64KiB/none", 5, number: 4)
        void.validity.reasons = ["pressure": "none"]
        journal.add(.slice(void))
        let results = try GoBenchRules.read(text(RunReport(journal, exitCode: 0)))
        #expect(results.count == 4)
        #expect(results.allSatisfy { $0.configuration["arm"] == "A" && $0.iterations == 10_000 })
        #expect(results[0].values["ns/op"] == 50_000)
    }

    @Test("instructions have a unit of their own, and no time")
    func instructions() throws {
        var builder = JournalBuilder(rule: .repeated, blocks: 8)
        builder.journal.header.plan.metric = .instructions
        builder.journal.header.plan.comparison?.rounds = 8
        builder.add(8, effect: 1.1, noise: 0.0001) { $0.round = $0.block }
        let results = try GoBenchRules.read(text(VerdictReport(builder.ended())))
        #expect(results.count == 16)
        #expect(results.allSatisfy { Set($0.values.keys) == ["instr/op"] })
    }

    @Test("names with blanks, line ends, slashes, quotes and pictures stay one field")
    func names() throws {
        let cells = ["pipe/\"a\" b\n😀", "pipe/c", "pipe/d\u{85}e"]
        var builder = JournalBuilder(cells: cells, rule: .fixed)
        builder.journal.header.plan.suite.cells[0].settings = [
            "filename": "/dev/a b\u{a0}\n\u{1b}[2J", "x": "ÄÖ 😀",
        ]
        builder.journal.header.plan.suite.cells[0].workload = "ärger"
        builder.journal.header.plan.suite.name = "a\nBenchmarkX 1 1 ns/op"
        builder.journal.header.host.cpuModel = " "
        for cell in cells { builder.add(8, of: cell) }
        let results = try GoBenchRules.read(text(VerdictReport(builder.ended())))
        #expect(results.count == 3 * 16)
        #expect(
            results[0].name
                == #"Cell_ärger/filename=_dev_a_b__\u{1b}[2J/x=ÄÖ_😀/pressure=none-2"#)
        // Cells that have the same settings have numbers.
        #expect(results[8].name.hasSuffix("/pressure=none/cell=2-2"))
        #expect(results[16].name.hasSuffix("/pressure=none/cell=3-2"))
    }

    @Test("a comparison of two journals is refused, with what to do")
    func comparison() throws {
        let journal = VerdictTextTests.journal()
        let comparison = try JournalComparison(journal, journal)
        let error = #expect(throws: PlumblineError.self) { try text(comparison) }
        #expect(
            error?.remedy
                == "use --format text, json, html, gate, junit, ktap, lava, tmt or csv, or "
                + "`plumbline report JOURNAL --format gobench` for each journal")
    }
}
