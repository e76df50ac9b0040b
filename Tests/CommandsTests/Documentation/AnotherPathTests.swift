// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import Journal
import LabSupport
import Linux
import Protocol
import SchemaSupport
import TestSupport
import Testing

@testable import Commands

/// What the article on another path shows: its programs, and with guests its suite.
@Suite("A patch to another path goes from the article to a verdict", .serialized)
struct AnotherPathTests {
    private static let environment = ProcessInfo.processInfo.environment

    private let article: Article
    private let scratch: Scratch

    init() throws {
        article = try Article("AnotherPath")
        scratch = try Scratch()
    }

    /// Compiles the article's programs in C; their paths.
    private func programs() throws -> (pairs: String, work: String) {
        let blocks = article.blocks.filter { $0.language == "c" }
        try #require(blocks.count == 2)
        for (name, block) in zip(["pairs", "work"], blocks) {
            let code = block.text.split(separator: "\n").filter { !$0.hasPrefix("#include") }
            #expect(code.count <= 10, "\(name)")
            let source = try scratch.file("\(name).c", block.text)
            let compiled = try Command.run([
                "gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", "\(scratch.path)/\(name)",
                source,
            ])
            try #require(compiled.succeeded, "\(compiled.output)")
        }
        return ("\(scratch.path)/pairs", "\(scratch.path)/work")
    }

    @Test func theProgramsOfTheArticleWork() throws {
        let (pairs, work) = try programs()
        let result = try Command.run([
            Built.agent, "--cell", "command", "--set", "run=\(pairs)", "--set", "contract=stay",
            "--set", "metric=json:pairs", "--set", "unit=ops/s", "--slice", "20ms",
        ])
        try #require(result.succeeded, "\(result.output)")
        let slice = try LineCodec.decode(SliceRecord.self, from: result.output.utf8)
        #expect(slice.validity.isValid, "\(slice.validity)")
        #expect(slice.value ?? 0 > 0)
        #expect(try Command.run([work]).succeeded)
    }

    @Test(
        "its suite in guests: valid blocks of both programs, and nothing of pipes or direct I/O",
        .enabled(
            if: environment["PLUMBLINE_LAB"] == "1" && SystemFile.exists("/usr/bin/perf"),
            "needs PLUMBLINE_LAB=1, linux-perf, and builds a kernel: run `make lab-test`"))
    func theSuiteOfTheArticle() throws {
        _ = try programs()
        let suite = try #require(article.suites.first)
        try scratch.file(suite.name, suite.text)
        let mark = "mark=\(scratch.path)"
        let agent = Self.environment["PLUMBLINE_AGENT"].map { ["--agent", $0] } ?? []
        let command = [
            "toggle", suite.name, "--kernel", "6.12+eventfd-direct", "--switch", "eventfd-direct",
            "--rounds", "5", "--blocks", "5", "--no-early-stop", "--append", mark, "--output",
            "j.jsonl",
        ]
        let result = try Command.run(
            ["env", "-C", scratch.path, Built.plumbline] + command + agent + ["--quiet"],
            outputLimit: 4 << 20)
        // Which verdict it is depends on the machine; 5 is that there is none.
        guard case .exited(let code) = result.exit, [0, 3, 4].contains(code) else {
            Issue.record("\(result.exit): \(result.output)")
            return
        }
        try expectBlocks(in: StoredJournal(readingFrom: "\(scratch.path)/j.jsonl"))
        try expectReport()
        #expect(try ObservedProcess.all(with: mark).isEmpty)
        // Its own files, and those that the test made.
        let made = try SystemFile.list(scratch.path).filter { !$0.hasPrefix("pairs") }
        #expect(Set(made) == ["work", "work.c", suite.name, "j.jsonl"])
    }

    private func expectBlocks(in journal: StoredJournal) throws {
        #expect(journal.voidRounds.isEmpty && journal.failures.isEmpty)
        #expect(Set(journal.rounds.map(\.round)) == [0, 1, 2, 3, 4])
        let cells = journal.header.suite.cells
        try #require(cells.count == 2)
        #expect(cells.map { $0.metrics.map(\.name) } == [["pairs"], ["ops"]])
        #expect(cells.map { $0.metrics.map(\.unit.text) } == [["ops/s"], ["ops/s"]])
        #expect(cells.allSatisfy { $0.metrics.first?.better == .higher })
        for place in cells.indices {
            let counted = journal.slices(of: place).filter { $0.isValid && ($0.value ?? 0) > 0 }
            let void = journal.slices(of: place).flatMap(\.reasons)
            #expect(Set(counted.map(\.arm)) == [.a, .b], "\(cells[place].name): \(void)")
        }
        #expect(journal.mechanisms.isEmpty)
    }

    private func expectReport() throws {
        let result = try Command.run(
            [Built.plumbline, "report", "\(scratch.path)/j.jsonl", "--format", "json"],
            outputLimit: 4 << 20)
        let report = try LineCodec.decode(JSONValue.self, from: result.output.utf8)
        let cells = try #require(report["cells"]?.items)
        for (cell, metric) in zip(cells, ["pairs", "ops"]) {
            #expect(cell["metric"] == .text(metric))
            #expect(cell["unit"] == .text("ops/s"))
            #expect(cell["better"] == .text("higher"))
            #expect(cell["verdict"] != .text("invalid"), "\(cell)")
            #expect(cell["rounds"] == .integer(5))
            #expect(try #require(cell["blocks"]?.double) >= 5)
            #expect(cell["claim"] == nil && cell["mechanism"] == nil)
            guard case .object(let evidence)? = cell["evidence"] else { continue }
            let foreign = evidence.keys.filter { name in
                ["pipe", "dio", "request", "in_flight", "structure", "reclaims"]
                    .contains { name.contains($0) }
            }
            #expect(foreign.isEmpty)
        }
        let text = try Command.run([Built.plumbline, "report", "\(scratch.path)/j.jsonl"]).output
        #expect(text.contains("pairs (higher is better)"), "\(text)")
        #expect(!text.contains("direct I/O") && !text.contains("MiB/s"), "\(text)")
    }
}
