// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import Protocol
import Testing
import Yams

@testable import Reports
@testable import Verdicts

/// The formats of regression runs, over cells of each kind whose names have what markup is made of.
struct GateFormatTests {
    private static let better = "pipe/better"
    private static let worse = "pipe/\"worse\" <b>&amp;'#1'"
    private static let open = "pipe/op\nen\t😀 > x=y#\u{301}"
    private static let failed = "pipe/failed"
    private static let cells = [better, worse, open, failed]
    private static let outcomes: [GateCase.Outcome] = [.pass, .fail, .skip, .error]

    private static func report() throws -> VerdictReport {
        var builder = JournalBuilder(cells: cells, rule: .fixed)
        builder.add(24, of: better, effect: 1.1)
        builder.add(24, of: worse, effect: 0.9)
        builder.add(24, of: open, noise: 0.2)
        builder.journal.add(
            .cellFailed(
                .init(
                    cell: failed, arm: .b, number: 0,
                    error: .failure("no <space>\nleft & nothing", remedy: "make \"room\""))))
        return try VerdictReport(builder.ended())
    }

    private func text(_ format: ReportFormat) throws -> String {
        try format.renderer.render(Self.report(), style: .plain)
    }

    private func lines(_ format: ReportFormat) throws -> [String] {
        let text = try text(format)
        #expect(text.hasSuffix("\n"))
        return text.split(separator: "\n").map(String.init)
    }

    @Test("a line has nine fields, and a name cannot add a line or a field")
    func gate() throws {
        let rows = try lines(.gate).map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
        #expect(rows.map(\.count) == [9, 9, 9, 9])
        #expect(rows.map { $0[0] } == ["pass", "fail", "skip", "error"])
        #expect(rows.map { $0[1] } == Self.cells.map(\.onOneLine))
        #expect(rows.map { $0[4] } == ["improved", "regressed", "inconclusive", "invalid"])
        #expect(rows[1][2].hasPrefix("-") && rows[1][2].hasSuffix("%"))
        #expect(rows[1][3].hasPrefix("[-") && rows[1][3].hasSuffix("]"))
        #expect(rows[3][2] == "-" && rows[3][3] == "-")
        #expect(rows[3][5].contains("no <space>; make \"room\""))
        #expect(rows[2][5].contains("no difference larger than"))
        #expect(rows.map { $0[6...] } == rows.map { _ in ["example", "20261121T000000Z-1", ""] })
    }

    @Test("KTAP has a version, a plan, and a result for each cell with at most one hash before it")
    func ktap() throws {
        let lines = try lines(.ktap)
        #expect(lines[0] == "KTAP version 1")
        let facts = lines.prefix { $0 != "1..4" }.dropFirst()
        #expect(facts.contains("# suite: example") && facts.contains("# metric: time"))
        #expect(facts.contains("# experiment: 20261121T000000Z-1"))
        #expect(facts.allSatisfy { $0.hasPrefix("# ") })
        let form = /(ok|not ok) ([0-9]+) ([^#]+) # (SKIP |ERROR |)([a-z-]+)(.*)/
        let results = try lines.dropFirst(facts.count + 2).map { line in
            try #require(line.wholeMatch(of: form), "\(line)")
        }
        #expect(results.map { $0.1 } == ["ok", "not ok", "ok", "not ok"])
        #expect(results.map { $0.2 } == ["1", "2", "3", "4"])
        #expect(results.map { $0.4 } == ["", "", "SKIP ", "ERROR "])
        #expect(results.map { $0.5 } == ["improved", "regressed", "inconclusive", "invalid"])
        #expect(results[1].3 == "pipe/\"worse\" <b>&amp;'_1'")
    }

    @Test("each of LAVA's signals can be read as its dispatcher does, and has a name of its own")
    func lava() throws {
        let signals = try lines(.lava).map { line in
            let match = try #require(
                line.wholeMatch(of: /<LAVA_SIGNAL_TESTCASE ([^>]+)>/), "\(line)")
            return try match.1.split(separator: " ").reduce(into: [String: String]()) {
                let parts = $1.split(separator: "=", omittingEmptySubsequences: false)
                try #require(parts.count == 2)
                $0[String(parts[0])] = String(parts[1])
            }
        }
        #expect(signals.map { $0["RESULT"] } == ["pass", "fail", "skip", "fail"])
        #expect(signals[0]["TEST_CASE_ID"] == "pipe_better")
        #expect(signals[0]["UNITS"] == "percent")
        #expect(Double(signals[0]["MEASUREMENT"] ?? "") != nil)
        #expect(signals[3]["MEASUREMENT"] == nil)
        for name in signals.compactMap({ $0["TEST_CASE_ID"] }) {
            #expect(name.wholeMatch(of: /[A-Za-z0-9_.-]+/) != nil, "\(name)")
        }
    }

    @Test("names that LAVA cannot tell apart get numbers")
    func lavaNames() throws {
        var builder = JournalBuilder(cells: ["pipe/a b", "pipe/a_b", "pipe/a=b"], rule: .fixed)
        builder.add(24)
        let text = try ReportFormat.lava.renderer.render(
            VerdictReport(builder.ended()), style: .plain)
        let names = text.matches(of: /TEST_CASE_ID=([^ ]+)/).map { $0.1 }
        #expect(names == ["pipe_a_b", "pipe_a_b-2", "pipe_a_b-3"])
    }

    @Test("tmt's results are a list with a name from the root, a word that tmt knows, and notes")
    func tmt() throws {
        let text = try text(.tmt)
        #expect(text.hasPrefix("- name:"))
        let results = try #require(try Yams.load(yaml: text) as? [[String: Any]])
        #expect(
            results.map { $0["name"] as? String } == Self.cells.map { "/\($0.onOneLine)" })
        #expect(results.map { $0["result"] as? String } == ["pass", "fail", "warn", "error"])
        for result in results {
            #expect(Set(result.keys) == ["name", "result", "note"])
            #expect((result["note"] as? [String])?.count == 2)
        }
    }

    @Test("JUnit's XML keeps to the schema of Jenkins, and its counts are those of its cases")
    func junit() throws {
        let root = try XMLTree.parse(text(.junit))
        try JUnitRules.check(root)
        #expect(root.attributes["tests"] == "4")
        #expect(root.attributes["failures"] == "1" && root.attributes["errors"] == "1")
        let suite = try #require(root.children.first)
        #expect(suite.attributes["skipped"] == "1" && suite.attributes["name"] == "example")
        #expect(suite.attributes["timestamp"] == "1970-01-01T00:00:00")
        let cases = suite.children.filter { $0.name == "testcase" }
        #expect(cases.map { $0.attributes["name"] } == Self.cells)
        let parts = cases.map { $0.children.first?.name }
        #expect(parts == ["system-out", "failure", "skipped", "error"])
        #expect(
            cases[3].children[0].attributes["message"]?.contains("no <space>; make \"room\"")
                == true)
        #expect(cases[1].children[0].attributes["type"] == "regressed")
        #expect(cases[1].children[0].text == cases[1].children[0].attributes["message"])
    }

    @Test(
        "JUnit's XML is what libxml2's program reads",
        .enabled(if: SystemFile.exists("/usr/bin/xmllint"), "needs xmllint"))
    func xmllint() throws {
        let path = "/tmp/plumbline-junit-\(UInt64.random(in: 0 ... .max)).xml"
        defer { try? SystemFile.unlink(path) }
        let text = try text(.junit)
        try Descriptor.open(path, [.write, .create, .exclusive]).writeAll(text)
        let result = try Command.run(["/usr/bin/xmllint", "--noout", path])
        #expect(result.succeeded, "\(result.output)")
    }

    @Test("several journals are several suites, and their cells have names of their own")
    func several() throws {
        var other = try Self.report()
        other.isInterrupted = false
        let overview = VerdictOverview([try Self.report(), other])
        let root = try XMLTree.parse(
            ReportFormat.junit.renderer.render(overview, style: .plain))
        try JUnitRules.check(root)
        #expect(root.children.count == 2 && root.attributes["tests"] == "8")
        let gate = try ReportFormat.gate.renderer.render(overview, style: .plain)
        #expect(gate.contains("pass\t20261121T000000Z-1/pipe/better\t"))
    }

    @Test("several journals are nested blocks of KTAP, each with a version and a plan of its own")
    func nested() throws {
        var good = JournalBuilder(rule: .fixed)
        good.add(24, effect: 1.1)
        let overview = VerdictOverview([try Self.report(), try VerdictReport(good.ended())])
        let lines = try ReportFormat.ktap.renderer.render(overview, style: .plain)
            .split(separator: "\n").map(String.init)
        #expect(lines.prefix(2) == ["KTAP version 1", "1..2"])
        #expect(lines[2] == "  KTAP version 1")
        #expect(lines[3] == "  # Subtest: example 20261121T000000Z-1")
        let results = lines.filter { !$0.trimmed.hasPrefix("#") }
        #expect(results[2] == "  KTAP version 1" && results[3] == "  1..4")
        #expect(results[4].hasPrefix("  ok 1 pipe/better # improved"))
        #expect(
            results[8] == "not ok 1 example 20261121T000000Z-1 # 1 pass, 1 fail, 1 skip, 1 error")
        #expect(results[9] == "  KTAP version 1" && results[10] == "  1..1")
        // An experiment that is given again has a name of its own.
        #expect(lines.last == "ok 2 example 20261121T000000Z-1_2 # 1 pass")
        #expect(results.count == 13)
        for fact in ["suite: example", "experiment: 20261121T000000Z-1"] {
            #expect(lines.count { $0 == "  # \(fact)" } == 2, "\(fact)")
        }
    }

    @Test("that guests were emulated and rounds lost is in every format, and in no verdict")
    func remarks() throws {
        var builder = JournalBuilder(rule: .fixed)
        builder.journal.header.plan.guest = GuestRecord(
            image: "bzImage", accelerator: "tcg", metric: .time, machine: "microvm", cpus: 2,
            memory: 1 << 30, nodes: 1, pins: [], commandLine: "")
        builder.add(24, effect: 1.1) { $0.round = ($0.block ?? 0) / 2 }
        for arm in [Arm.b, .b, .a] {
            builder.journal.add(
                .roundVoid(.init(round: arm == .b ? 90 : 91, arm: arm, error: .failure("lost"))))
        }
        let report = try VerdictReport(builder.ended())
        for format in [ReportFormat.gate, .ktap, .tmt, .junit] {
            let text = try format.renderer.render(report, style: .plain)
            #expect(text.contains("emulated"), "\(text)")
            #expect(text.contains("2 void rounds (1 lost A, 1 lost B)"), "\(text)")
            #expect(text.contains("20261121T000000Z-1") && text.contains("improved"))
        }
        let comparison = try JournalComparison(
            builder.journal,
            {
                var other = JournalBuilder(rule: .fixed)
                other.journal.header.id = "other"
                other.journal.header.plan.guest = builder.journal.header.plan.guest
                other.add(24) { $0.round = ($0.block ?? 0) / 2 }
                return other.ended()
            }())
        let text = try ReportFormat.gate.renderer.render(comparison, style: .plain)
        #expect(text.contains("emulated; 2 void rounds (lost in A's journals)"), "\(text)")
    }

    @Test("two images in one layout are skipped, with the reason")
    func imagesDiffer() throws {
        var builder = JournalBuilder(rule: .fixed, knobs: [])
        builder.add(24, effect: 1.02, noise: 0.002)
        let text = try ReportFormat.gate.renderer.render(
            VerdictReport(builder.ended()), style: .plain)
        #expect(text.hasPrefix("skip\t"))
        #expect(text.contains("\timages-differ\tcode layout alone can make this difference"))
    }

    @Test("a cell that is open in a run that did not end says so; one without data too")
    func endings() throws {
        var builder = JournalBuilder(cells: ["pipe/a", "pipe/b"], rule: .fixed)
        builder.add(24, of: "pipe/a", noise: 0.2)
        builder.journal.add(.end(.init(state: .interrupted, at: 1)))
        let text = try ReportFormat.gate.renderer.render(
            VerdictReport(builder.journal), style: .plain)
        #expect(text.ranges(of: "skip\t").count == 2)
        #expect(text.ranges(of: "the run: interrupted").count == 2)
    }

    @Test("a report without verdicts has none of these formats")
    func withoutVerdicts() throws {
        let run = RunReport(JournalBuilder.run(operations: 10), exitCode: 0)
        let names: Set = ["text", "json", "html", "csv", "gobench"]
        for format in ReportFormat.all where !names.contains(format.name) {
            let error = #expect(throws: PlumblineError.self) {
                try format.renderer.render(run, style: .plain)
            }
            #expect(error?.kind == .usage)
            #expect(error?.message.contains("--format \(format.name)") == true)
            #expect(error?.remedy == "use --format text, json, html, csv or gobench")
        }
    }
}
