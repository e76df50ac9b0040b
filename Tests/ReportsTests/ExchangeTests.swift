// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import Protocol
import Testing

@testable import Reports
@testable import Verdicts

/// The formats lkml and csv, over cells of each kind whose names have what markup is made of.
struct ExchangeTests {
    private static let worse = "pipe/\"worse\", <b>&amp;'#1'"
    private static let open = "pipe/op\nen\t😀 > x=\"\u{301},y"
    private static let failed = "pipe/failed"
    private static let cells = ["pipe/better", worse, open, failed]

    private static func builder() -> JournalBuilder {
        var builder = JournalBuilder(cells: cells, rule: .fixed)
        builder.add(24, of: cells[0], effect: 1.1, latency: true)
        builder.add(24, of: worse, effect: 0.9)
        builder.add(24, of: open, noise: 0.2)
        builder.journal.add(
            .cellFailed(
                .init(
                    cell: failed, arm: .b, number: 0,
                    error: .failure("no <space>, left\n& nothing", remedy: "make \"room\""))))
        builder.journal.header.plan.arguments = [
            "toggle", "demo", "--knob", "vm.x=1,2", "--cells", "it's *", "--output",
            "/" + String(repeating: "long/", count: 30),
        ]
        return builder
    }

    private static func report() throws -> VerdictReport {
        try VerdictReport(builder().ended())
    }

    /// The records of a text, read as RFC 4180 has them.
    private static func records(_ text: String) throws -> [[String]] {
        #expect(text.hasSuffix("\r\n"))
        var records: [[String]] = [[""]]
        var isQuoted = false
        var scalars = text.unicodeScalars[...]
        func append(_ scalar: Unicode.Scalar) {
            records[records.count - 1][records[records.count - 1].count - 1]
                .unicodeScalars.append(scalar)
        }
        while let scalar = scalars.popFirst() {
            switch scalar {
            case "\"" where !isQuoted: isQuoted = true
            case "\"" where scalars.first == "\"": append(scalars.removeFirst())
            case "\"":
                isQuoted = false
                #expect(scalars.first == "," || scalars.first == "\r")
            case "," where !isQuoted: records[records.count - 1].append("")
            case "\r" where !isQuoted:
                try #require(scalars.popFirst() == "\n")
                records.append([""])
            default:
                #expect(isQuoted || scalar != "\n")
                append(scalar)
            }
        }
        #expect(records.last == [""] && !isQuoted)
        return records.dropLast()
    }

    private static func table(_ report: some Report) throws -> [[String: String]] {
        let records = try records(CSVRenderer().render(report, style: .plain))
        let names = records[0]
        #expect(Set(names).count == names.count)
        return try records.dropFirst().map { record in
            try #require(record.count == names.count)
            return Dictionary(uniqueKeysWithValues: zip(names, record))
        }
    }

    @Test("a record is a cell, and quotes, commas and line ends in names cannot add one")
    func csv() throws {
        let rows = try Self.table(Self.report())
        #expect(rows.map { $0["cell"] } == Self.cells.map(\.printable))
        #expect(
            rows.map { $0["verdict"] } == ["improved", "regressed", "inconclusive", "invalid"])
        for row in rows.prefix(3) {
            let low = try #require(Double(row["interval_low_percent"] ?? ""))
            let effect = try #require(Double(row["effect_percent"] ?? ""))
            let high = try #require(Double(row["interval_high_percent"] ?? ""))
            #expect(low < effect && effect < high)
            #expect(row["a_slices"] == "48" && row["blocks"] == "24")
        }
        #expect(rows[0]["a_latency_p99_ns"].flatMap(Double.init) ?? 0 > 0)
        #expect(rows[0]["b_reader_latency_p50_ns"].flatMap(Double.init) ?? 0 > 0)
        #expect(rows[3]["effect_percent"] == "" && rows[3]["a_rate_per_second"] == "")
        #expect(rows[3]["failure"]?.hasSuffix("no <space>, left & nothing") == true)
        #expect(rows[0]["a_label"] == "vm.x=1" && rows[0]["kind"] == "toggle")
    }

    @Test("the columns are those that scripts know; new ones come at the end")
    func columns() throws {
        let line = try CSVRenderer().render(Self.report(), style: .plain).prefix { $0 != "\r\n" }
        #expect(
            line.hasPrefix(
                "experiment,started_at,kind,suite,metric,emulated,cell,short_name,workload,"
                    + "pressure,unit,a_label,a_kernel,a_rate_per_second,a_bytes_per_second,"
                    + "a_instructions_per_operation,a_slices,a_void_slices,a_latency_mean_ns,"))
        #expect(
            line.contains(
                ",effect_percent,interval_low_percent,interval_high_percent,confidence,p_value,"
                    + "p_adjusted,verdict,blocks,rounds,void_blocks,"
                    + "no_difference_larger_than_percent,mde80_percent,between_boot_sd_percent,tags,"
                    + "failure,journal,a_lost_rounds,b_lost_rounds,lost_rounds"))
    }

    @Test("a run has the columns of a comparison, those of B and of verdicts empty")
    func run() throws {
        let row = try Self.table(RunReport(JournalBuilder.run(operations: 10_000), exitCode: 0))[0]
        #expect(row["a_rate_per_second"] == "20000" && row["kind"] == "run")
        #expect(row["b_rate_per_second"] == "" && row["verdict"] == "" && row["blocks"] == "")
    }

    @Test("two journals that are compared have one record a cell")
    func comparison() throws {
        let journal = VerdictTextTests.journal()
        let rows = try Self.table(JournalComparison(journal, journal))
        #expect(rows.count == journal.header.suite.cells.count)
        #expect(rows[0]["kind"] == "compare" && rows[0]["experiment"]?.contains("..") == true)
    }

    @Test("a mail has no line of more than 72 columns, and the words that a maintainer looks for")
    func lkml() throws {
        let text = try LKMLRenderer().render(Self.report(), style: .colored)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for line in lines { #expect(FoldedLine.columns(line) <= 72, "\(line)") }
        #expect(!text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for part in [
            "baseline vm.x=1", "patched vm.x=2", "2 CPUs, Example CPU 2.4 GHz, 24.0 GiB",
            "build 0123456789ab", "pipe: msgsize=64k; no pressure", "MiB/s -> ", " (+",
            "write p99 ", "write p99.9 ", "read p99 ", "improved; p<0.001, 24 blocks; adjusted",
            "Not decided: ", "pipe/failed: invalid; a valid measurement",
            "To repeat (plumbline ", "plumbline toggle demo --knob 'vm.x=1,2'",
            #"--cells 'it'\''s *'"#,
        ] {
            #expect(words.contains(part), "\(part)\n\(text)")
        }
        #expect(!text.contains("emulated"))
    }

    @Test("the command of a mail is one that a shell reads back")
    func command() throws {
        let words = [
            "plumbline", "it's", String(repeating: "wörter'und mehr ", count: 20), "", "a b",
        ]
        let lines = FoldedLine.command(words, width: 40, indent: 2)
        for line in lines { #expect(FoldedLine.columns(line) <= 40, "\(line)") }
        let script = lines.joined(separator: "\n").replacing("plumbline", with: "printf '%s\\n'")
        let result = try Command.run(["sh", "-c", script])
        #expect(result.output == words.dropFirst().map { $0 + "\n" }.joined())
    }

    @Test("a wide line is broken at a blank, behind a slash, or where it must be")
    func folding() {
        #expect(FoldedLine.fold("  a bb ccc", width: 8) == ["  a bb", "    ccc"])
        #expect(FoldedLine.fold("ab/cd/ef", width: 7) == ["ab/cd/", "  ef"])
        #expect(FoldedLine.fold("abcdefgh", width: 5) == ["abcde", "  fgh"])
        #expect(FoldedLine.fold("😀😀😀", width: 4) == ["😀😀", "  😀"])
        #expect(FoldedLine.fold("", width: 4) == [""])
        #expect(FoldedLine.fold("abcd", width: 4) == ["abcd"])
    }

    @Test("emulated figures are labelled, rounds and their spread are told, and what is needed")
    func rounds() throws {
        var builder = JournalBuilder(rule: .fixed, blocks: 16)
        builder.journal.header.plan.kind = .ab
        builder.journal.header.plan.comparison?.rounds = 8
        builder.journal.header.plan.comparison?.arms.a.guest = GuestRecord(
            image: "bzImage", accelerator: "tcg", metric: .time, machine: "microvm", cpus: 2,
            memory: 1 << 30, nodes: 1, pins: [], commandLine: "")
        builder.add(16, noise: 0.2) { $0.round = ($0.block ?? 0) / 2 }
        let text = try LKMLRenderer().render(VerdictReport(builder.ended()), style: .plain)
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("The guests were emulated."))
        #expect(words.contains("8 rounds"))
        #expect(words.contains("between boots"))
        #expect(words.contains("Not decided: pipe/1w1r/64KiB/none: inconclusive ("))
        #expect(!words.contains("To repeat"))
    }

    @Test("several journals are one mail after the other, and a run has none")
    func several() throws {
        let text = try LKMLRenderer().render(
            VerdictOverview([Self.report(), Self.report()]), style: .plain)
        #expect(text.ranges(of: "To repeat (plumbline ").count == 2)
        let run = RunReport(JournalBuilder.run(operations: 10), exitCode: 0)
        let error = #expect(throws: PlumblineError.self) {
            try LKMLRenderer().render(run, style: .plain)
        }
        #expect(error?.message == "--format lkml is not supported here: there are no verdicts")
        #expect(error?.remedy == "use --format text, json, html, csv or gobench")
    }
}
