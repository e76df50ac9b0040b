// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Machine
import Testing

@testable import Commands

/// `--verbose` with the real agent.
@Suite("--verbose", .serialized) struct VerboseTests {
    private func run(
        _ command: String, _ cell: String, _ options: [String] = []
    ) async throws -> Invocation {
        let scratch = try ScratchDirectory()
        let suite = "\(scratch.path)/short.yaml"
        try Descriptor.open(suite, [.write, .create]).writeAll(
            "suite: short\nslice: 20ms\nguard: 1ms\nwarmup: 1ms\nslices: 2\ncells:\n  - \(cell)\n")
        return await Invocation(
            [
                command, suite, "--verbose", "--agent", Built.agent, "--output",
                "\(scratch.path)/j.jsonl",
            ] + options)
    }

    private func place(_ text: String, in outcome: Invocation) throws -> String.Index {
        try #require(
            outcome.diagnostics.range(of: text)?.lowerBound, "\(text)\n\(outcome.diagnostics)")
    }

    @Test(
        "a run tells of each change of the agent, and of its undoing",
        .enabled(if: MemoryHierarchy.find() != nil && ChildProcess.userID == 0, "needs a cgroup"))
    func pressure() async throws {
        let outcome = try await run("run", "{workload: pipe, pressure: memcg}")
        let steps = [
            "plumbline: run \(Built.agent)\n", "plumbline: agent: make the cgroup /",
            "plumbline: agent: write '67108864' to /", "plumbline: agent: start process ",
            "plumbline: agent: kill process ", "plumbline: agent: remove cgroup /",
            "plumbline: \(Built.agent): it ended with exit code 0",
        ]
        let places = try steps.map { try place($0, in: outcome) }
        #expect(places == places.sorted(), "\(outcome.diagnostics)")
        #expect(outcome.diagnostics.contains(": done\n"))
        #expect(!outcome.document.contains("agent"))
        #expect(!VerboseLog.isOn)
    }

    @Test("a toggle tells of each value that a knob gets, and of the one that comes back")
    func knob() async throws {
        let scratch = try ScratchDirectory()
        let knob = "\(scratch.path)/knob"
        try Descriptor.open(knob, [.write, .create]).writeAll("7\n")
        let outcome = try await run(
            "toggle", "{workload: pipe}", ["--knob", "\(knob)=1,2", "--blocks", "8"])
        for value in ["1", "2"] {
            let line = "plumbline: write '\(value)' to \(knob)\n"
            #expect(
                outcome.diagnostics.split(separator: line, omittingEmptySubsequences: false).count
                    > 2)
        }
        #expect(outcome.diagnostics.contains("plumbline: write '7' back to \(knob): done\n"))
        #expect(try SystemFile.read(knob) == "7\n")
    }

    @Test("without it nothing of that is told, and with --quiet it is refused")
    func quiet() async throws {
        let outcome = try await run("run", "{workload: pipe}", ["--quiet"])
        #expect(outcome.code == 64)
        #expect(outcome.diagnostics.contains("--verbose and --quiet"))
        let plain = await Invocation(["run", "smoke", "--list"])
        #expect(plain.diagnostics.isEmpty)
    }

    @Test("a line never stands in the middle of the progress")
    func progress() {
        let printed = Printed()
        var console = Console(document: { _ in }, diagnostics: { printed.add($0) })
        console.diagnosticsAreTerminal = true
        console.columns = { 40 }
        let line = StatusLine(console, plainEvery: .seconds(1))
        console.say("one")
        line.update(.init(lead: "[1/2]"))
        console.say("two\u{1b}[2J")
        line.update(.init(lead: "[2/2]"), always: true)
        line.clear()
        console.say("three")
        let clear = "\r\u{1b}[J"
        #expect(
            printed.text == "plumbline: one\n\(clear)[1/2]\(clear)plumbline: two\\u{1b}[2J\n"
                + "\(clear)[2/2]\(clear)plumbline: three\n")
    }
}
