// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import LabSupport
import Linux
import Testing

@testable import Commands

@Suite(.serialized)
struct RunCommandTests {
    private func plumbline(_ arguments: String...) async -> Invocation {
        await Invocation(arguments)
    }

    private func path() -> String { "/tmp/plumbline-run-\(UInt64.random(in: 0 ... .max)).jsonl" }

    @Test func aRunPrintsATableOnStandardOutputAndKeepsAJournal() async throws {
        let agent = try FakeAgentScript()
        let path = path()
        defer {
            agent.remove()
            try? SystemFile.unlink(path)
        }
        let result = await plumbline(
            "run", "smoke", "--cells", "pipe/*/none", "--slices", "2", "--seed", "7", "--output",
            path, "--agent", agent.path)
        #expect(result.code == 0, "\(result.diagnostics)")
        #expect(result.document.hasPrefix("smoke: "))
        #expect(result.document.contains("seed 7"))
        #expect(result.document.contains("MiB/s"))
        #expect(result.diagnostics.contains("journal: \(path)"))
        let journal = try StoredJournal(readingFrom: path)
        #expect(journal.slices.count == 2 * journal.header.plan.suite.cells.count)
        #expect(
            journal.header.plan.arguments == [
                "run", "smoke", "--cells", "pipe/*/none", "--slices", "2", "--seed", "7",
                "--output", path, "--agent", agent.path,
            ])

        let again = await plumbline(
            "run", "smoke", "--output", path, "--agent", agent.path, "--quiet")
        #expect(again.code == 64)
        #expect(again.diagnostics.contains("--resume"))
        #expect(again.document.isEmpty)
        let other = await plumbline(
            "run", "smoke", "--slices", "3", "--resume", "--output", path, "--agent", agent.path)
        #expect(other.code == 64)
        let done = await plumbline(
            "run", "smoke", "--resume", "--output", path, "--agent", agent.path, "--quiet")
        #expect(done.code == 0)
        #expect(done.document == result.document)
        #expect(done.diagnostics.isEmpty)
    }

    @Test func jsonIsOneDocument() async throws {
        let agent = try FakeAgentScript()
        let path = path()
        defer {
            agent.remove()
            try? SystemFile.unlink(path)
        }
        let result = await plumbline(
            "run", "smoke", "--cells", "pipe/*4KiB*", "--slices", "1", "--format", "json",
            "--output", path, "--agent", agent.path)
        #expect(result.document.hasPrefix(#"{"cells":[{"#))
        #expect(result.document.hasSuffix("}\n"))
    }

    @Test func withoutStressNgItsCellsAreSkippedAndTheOthersRun() throws {
        try BuiltProgram.inDirectory { directory in
            let suite = """
                suite: mine
                slice: 20ms
                guard: 1ms
                warmup: 1ms
                slices: 1
                cells:
                  - {workload: pipe, pressure: [none, stress-ng]}
                """
            try Descriptor.open(directory + "/mine.yaml", [.write, .create]).writeAll(suite)
            let result = try Command.run([
                "sh", "-c",
                "cd '\(directory)' && PATH=/nowhere exec '\(BuiltProgram.path)' run ./mine.yaml",
            ])
            #expect(result.exit == .exited(1))
            #expect(result.output.contains("could not run: stress-ng is not installed"))
            #expect(result.output.contains("apt-get install stress-ng"))
            #expect(result.output.contains("MiB/s"))
        }
    }

    @Test func onceACellRanOneThatFailsMeansExitCode1() async throws {
        for kind in ["failure", "usage"] {
            let agent = try FakeAgentScript(
                answer: "case $name in */memcg*) failed \(kind);; *) result;; esac")
            let path = path()
            defer {
                agent.remove()
                try? SystemFile.unlink(path)
            }
            let result = await plumbline(
                "run", "smoke", "--cells", "pipe/*", "--slices", "1", "--output", path, "--agent",
                agent.path)
            #expect(result.code == 1)
            #expect(result.document.contains("could not run: no luck"))
            #expect(result.document.contains("MiB/s"))
        }
    }

    @Test func whereNoCellRanThereIsNoTableAndNoJournal() async throws {
        for (kind, code) in [("failure", Int32(1)), ("usage", 64)] {
            let agent = try FakeAgentScript(answer: "failed \(kind)")
            let path = path()
            defer { agent.remove() }
            let result = await plumbline(
                "run", "smoke", "--cells", "pipe/*", "--output", path, "--agent", agent.path,
                "--quiet")
            #expect(result.code == code)
            #expect(result.document.isEmpty)
            #expect(result.diagnostics.contains("could not run: no luck"))
            #expect(!SystemFile.exists(path))
        }
    }

    @Test func cellsThatSetMadeEqualAreReportedOnce() async {
        let result = await plumbline("run", "smoke", "--list", "--set", "pipe.msgsize=8k")
        #expect(result.code == 0)
        let name = "pipe/1w1r/8KiB/default/none"
        #expect(result.document.split(separator: "\n").count { $0.hasSuffix(name) } == 1)
        #expect(result.diagnostics.contains("makes cells equal"))
        #expect(result.diagnostics.contains(name))
    }

    @Test func aSliceInWhichNothingCompletedIsReportedWithItsRemedy() async throws {
        let agent = try FakeAgentScript(
            answer: #"result | sed 's/"reasons":{/&"empty":"no operation completed"/'"#)
        let path = path()
        defer {
            agent.remove()
            try? SystemFile.unlink(path)
        }
        let result = await plumbline(
            "run", "smoke", "--cells", "pipe/*", "--output", path, "--agent", agent.path)
        #expect(result.code == 5)
        #expect(result.document.contains("how to fix: a longer"), "\(result.document)")
    }

    @Test func aDefaultNameThatIsTakenGetsANumber() throws {
        let stem = "/tmp/plumbline-run-\(UInt64.random(in: 0 ... .max))"
        let first = try JournalWriter.create(named: stem)
        let second = try JournalWriter.create(named: stem)
        defer { for writer in [first, second] { writer.remove() } }
        #expect(first.path == "\(stem).jsonl")
        #expect(second.path == "\(stem)-2.jsonl")
    }

    @Test func aListCountsInWords() async {
        let result = await plumbline(
            "run", "smoke", "--list", "--cells", "pipe/*4KiB*none", "--slices", "1", "--set",
            "pipe.writers=1", "--set", "pipe.msgsize=4k")
        #expect(result.document.contains("\n1 cell x 1 slice of "), "\(result.document)")
    }

    @Test func listPrintsTheCellsAndRunsNothing() async {
        let result = await plumbline("run", "smoke", "--list", "--agent", "/nonexistent")
        #expect(result.code == 0)
        #expect(result.document.contains("\npipe 1w1r 4k        "))
        #expect(result.document.contains("  pipe/1w1r/4KiB/default/none\n"))
        #expect(result.document.contains("plus setup"))
        #expect(result.diagnostics.isEmpty)
    }

    @Test(arguments: [
        (["run", "smok"], "did you mean smoke?"),
        (["run", "smoke", "--cells", "nothing*"], "matches none"),
        (["run", "smoke", "--set", "pipe.msgsize=4q"], "invalid value '4q' for pipe.msgsize"),
        (["run", "smoke", "--slice", "5"], "invalid value '5' for --slice"),
        (["run", "smoke", "--slice", "1000000h", "--list"], "allowed: up to 1h"),
        (["run", "smoke", "--slices", "0"], "allowed: 1 to 100000"),
        (["run", "pipe-prealloc", "--slices", "100000", "--list"], "more than 1000000 slices"),
        (["run", "smoke", "--resume", "--agent", "/bin/true"], "name the journal with --output"),
        (["run", "smoke", "--output", "/nonexistent/x", "--agent", "/bin/true"], "directory"),
        (["run", "smoke", "--bogus"], "--bogus"), (["run"], "suite"), (["rum"], "rum"),
    ])
    func wrongUsageIsOneMessageAndExitCode64(arguments: [String], message: String) async {
        let diagnostics = Printed()
        let document = Printed()
        let code = await Plumbline.main(
            arguments,
            console: Console(
                document: { document.add($0) }, diagnostics: { diagnostics.add($0) }))
        #expect(code == 64)
        #expect(diagnostics.text.contains(message), "\(diagnostics.text)")
        #expect(document.text.isEmpty)
    }

    @Test func anAgentThatCannotStartLeavesNothingBehind() async {
        let path = path()
        let result = await plumbline(
            "run", "smoke", "--output", path, "--agent", "/nonexistent/agent")
        #expect(result.code == 1)
        #expect(result.diagnostics.contains("/nonexistent/agent"))
        #expect(!SystemFile.exists(path))
    }

    @Test func aReadOnlyPlaceIsRefusedBeforeAnythingStarts() async {
        let result = await plumbline(
            "run", "smoke", "--output", "/proc/journal.jsonl", "--agent", "/nonexistent/agent")
        #expect(result.code != 0)
        #expect(result.diagnostics.contains("/proc/journal.jsonl"))
    }

    @Test func helpAndVersionAreDocuments() async {
        let help = await plumbline("run", "--help")
        #expect(help.code == 0)
        #expect(help.document.contains("EXAMPLES"))
        #expect(await plumbline("--version").document == "\(plumblineVersion)\n")
    }

    @Test func theSchemaIsADocument() async {
        let result = await plumbline("run", "--schema")
        #expect(result.code == 0)
        #expect(result.document == JournalHeader.schemaText)
    }
}
