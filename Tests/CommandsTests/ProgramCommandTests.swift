// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import LabSupport
import Linux
import Protocol
import Testing

@testable import Commands

/// Programs behind `--`, and cells of `command`, measured by the built programs.
@Suite(.serialized) struct ProgramCommandTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A program that prints the number in a file, with a little noise, as a latency.
    private func program() throws -> String {
        try scratch.file("number", "10\n")
        let path = try scratch.file(
            "a program",
            """
            #!/bin/sh
            read number <'\(scratch.path)/number'
            echo "lat: $number.0$(($$ % 7)) us"
            echo "other: 5"
            """)
        _ = try Command.run(["chmod", "+x", path])
        return path
    }

    private func run(_ words: [String]) async -> Invocation {
        await Invocation(
            words, environment: ["PATH": "/usr/bin:/bin", "HOME": scratch.path])
    }

    private var journal: [String] { ["--output", "\(scratch.path)/j.jsonl", "--quiet"] }

    @Test func aRunShowsTheMetricAndWhatIsTold() async throws {
        let path = try program()
        let result = await run(
            ["run", "--slices", "2", "--agent", Built.agent, "--metric", "key:lat", "--unit", "us"]
                + ["--metric", "key:other"] + journal + ["--", path])
        #expect(result.code == 0, "\(result.diagnostics)")
        #expect(result.document.contains("lat"))
        #expect(result.document.contains(/lat +10\.[0-6]us/))
        #expect(result.document.contains("lat (lower is better)"))
        // Of what is told beside it none is said to be good.
        #expect(result.document.ranges(of: "is better").count == 1)
        #expect(result.document.contains("other"))
        let stored = try StoredJournal(readingFrom: "\(scratch.path)/j.jsonl")
        #expect(stored.slices.count == 2)
        #expect(stored.slices.allSatisfy { $0.isValid && ($0.value ?? 0) >= 10 })
    }

    @Test("which direction is good decides the verdict", arguments: [("lower", 3), ("higher", 0)])
    func direction(better: String, code: Int32) async throws {
        let number = "\(scratch.path)/number"
        let words =
            [
                "toggle", "--knob", "cmd:'echo 10 >\(number)','echo 20 >\(number)'", "--agent",
                Built.agent, "--blocks", "8", "--slice", "1ms", "--metric", "key:lat",
                "--metric", "key:other", "--unit", "us", "--better", better,
            ] + journal
        let path = try program()
        let result = await run(words + ["--", path])
        #expect(result.code == code, "\(result.document)\(result.diagnostics)")
        #expect(result.document.contains(better == "lower" ? "regressed" : "improved"))
        #expect(result.document.contains("lat (\(better) is better)"))
        for (format, expected) in [
            ("json", "\"better\": \"\(better)\""), ("lkml", "\(better) is better"),
            ("gobench", "Unit lat:us better=\(better)"), ("csv", ",lat,\(better),"),
            ("html", "\(better) is better"), ("junit", "testcase"), ("ktap", "command"),
        ] {
            let report = await run(
                ["report", "\(scratch.path)/j.jsonl", "--format", format])
            #expect(report.code == code, "\(format): \(report.diagnostics)")
            let text = report.document.replacing("\": \"", with: "\":\"")
            #expect(
                text.contains(expected.replacing("\": \"", with: "\":\"")), "\(format): \(text)")
        }
    }

    // MARK: What a suite from elsewhere would run

    @Test func theWholeCommandIsListedAndWhatIsUnseenIsMadeVisible() async throws {
        let long = String(repeating: "harmless ", count: 40)
        let suite = try scratch.file(
            "suite.yaml",
            #"""
            suite: hostile
            cells:
              - workload: command
                run: [sh, -c, "\#(long); touch 'HIDDEN'; \#(long)"]
              - workload: command
                run: ["/bin/echo", "a\r\e[2K\e[1Abc", "\u202Ecba\u2066", "x\ny", "\u200B\u00A0", "0\a1"]
                files: [["a\e[2J"], ["a\n"]]
              - {workload: command, run: [fio, job.fio]}

            """#)
        let shown = await run(["suite", "show", suite, "--cells"])
        #expect(shown.code == 0, "\(shown.diagnostics)")
        let lines = shown.document.split(separator: "\n")
        // A line for each of the four cells, and one for each program.
        try #require(lines.count == 8, "\(shown.document)")
        let programs = lines.filter { $0.hasPrefix("    run: ") }.map { $0.dropFirst(9) }
        try #require(programs.count == 4)
        #expect(programs[0].hasPrefix("sh -c 'harmless harmless "))
        #expect(programs[0].contains(#"; touch '\''HIDDEN'\''; harmless"#))
        let odd =
            #"/bin/echo $'a\015\033[2K\033[1Abc' $'\342\200\256cba\342\201\246' $'x\ny' "#
            + #"$'\342\200\213\302\240' $'0\0071'"#
        #expect(programs[1] == odd && programs[2] == odd)
        // What Plumbline adds is a part of it.
        #expect(programs[3] == "fio --output-format=json job.fio")
        #expect(programs.joined().unicodeScalars.allSatisfy { (" "..."~").contains($0) })
        // Names hide nothing there, but do not drive a terminal either.
        #expect(shown.document.printableLines == shown.document)
        // Every list of cells has the same lines, and the shell reads the words that would run.
        for words in [
            ["run", suite, "--list"], ["toggle", suite, "--knob", "vm.swappiness=60,10", "--list"],
            ["ab", suite, "--a", "6.12", "--b", "6.12", "--list"],
        ] {
            let list = await run(words)
            #expect(list.code == 0, "\(list.diagnostics)")
            #expect(list.document.hasPrefix(shown.document), "\(list.document)")
        }
        guard SystemFile.exists("/bin/bash") else { return }
        let read = try Command.run([
            "bash", "-c", "for word in \(odd); do printf '<%s>' \"$word\"; done",
        ])
        #expect(
            read.output
                == "</bin/echo><a\r\u{1b}[2K\u{1b}[1Abc><\u{202e}cba\u{2066}><x\ny>"
                + "<\u{200b}\u{a0}><0\u{7}1>")
    }

    @Test func aDryRunNamesTheProgramsWhichMayChangeAnything() async throws {
        let result = await run(
            ["run", "--dry-run", "--agent", Built.agent, "--", "/bin/echo", "a\u{1b}[2J b"])
        #expect(result.code == 0, "\(result.diagnostics)")
        #expect(
            result.document.contains(
                #"  1. run /bin/echo $'a\033[2J b', which may change anything"#),
            "\(result.document)")
    }

    // MARK: What is refused

    @Test func aSuiteWithProgramsIsRefusedWhereTheUserForbidsIt() async throws {
        let suite = try scratch.file(
            "suite.yaml", "suite: s\ncells:\n  - workload: command\n    run: [sh, -c, 'exit 1']\n")
        for words in [
            ["run", suite], ["toggle", suite, "--knob", "vm.swappiness=60,10"],
            ["ab", suite, "--a", "6.12", "--b", "6.12"],
        ] {
            let result = await run(words + ["--no-commands", "--list"])
            #expect(result.code == 64)
            #expect(result.diagnostics.contains("runs a program, which --no-commands forbids"))
            #expect(result.document.isEmpty)
            #expect(await run(words + ["--list"]).code == 0)
        }
        let direct = await run(["run", "--no-commands", "--list", "--", "true"])
        #expect(direct.code == 64)
    }

    @Test func aJournalWithProgramsIsNotResumedWhereTheUserForbidsIt() async throws {
        let suite = try scratch.file(
            "suite.yaml", "suite: s\nslices: 1\ncells:\n  - {workload: command, run: 'true'}\n")
        let first = await run(["run", suite, "--agent", Built.agent] + journal)
        #expect(first.code == 0, "\(first.diagnostics)")
        try SystemFile.unlink(suite)
        try scratch.file("suite.yaml", "suite: s\nslices: 1\ncells:\n  - workload: pipe\n")
        let again = await run(
            ["run", suite, "--agent", Built.agent, "--resume", "--no-commands"] + journal)
        #expect(again.code == 64)
        #expect(again.diagnostics.contains("--no-commands forbids"), "\(again.diagnostics)")
    }

    @Test func aJournalsKnobThatRunsAProgramIsNotTurnedWhereTheUserForbidsIt() async throws {
        let suite = try scratch.file("suite.yaml", "suite: s\ncells:\n  - workload: pipe\n")
        let mark = "\(scratch.path)/mark"
        let words = ["toggle", suite, "--agent", Built.agent] + journal
        let first = await run(
            words + ["--knob", "cmd:'echo 1 >\(mark)','echo 2 >\(mark)'"]
                + ["--blocks", "6", "--slice", "1ms"])
        #expect([0, 3, 4].contains(first.code), "\(first.diagnostics)")
        try SystemFile.unlink(mark)
        let again = await run(words + ["--resume", "--no-commands"])
        #expect(again.code == 64, "\(again.document)")
        #expect(again.diagnostics.contains("the knob cmd: runs 'echo 1"), "\(again.diagnostics)")
        #expect(again.diagnostics.contains("--no-commands forbids"), "\(again.diagnostics)")
        #expect(!SystemFile.exists(mark))
    }

    @Test(
        "options that do not go together",
        arguments: [
            (["run", "smoke", "--", "true"], "a suite and a program are given"),
            (["run", "smoke", "--unit", "us"], "--unit is not supported without a program"),
            (["run", "smoke", "--metric", "json:x"], "invalid value 'json:x' for --metric"),
            (["run", "smoke", "--metric", "tiem"], "did you mean"),
            (["run", "--metric", "key:x", "--", "true"], "more or less of x is better"),
            (["run", "--metric", "nonsense:x", "--", "true"], "invalid metric"),
            (["run", "--metric", "regex:(", "--better", "lower", "--", "true"], "invalid regular"),
            (
                ["run", "--metric", "json:a..b", "--better", "lower", "--", "true"],
                "invalid JSON path"
            ),
            (["run", "--better", "more", "--", "true"], "allowed: higher, lower"),
            (["run", "--stay", "--", "true"], "metric is missing"),
            (["run", "--unit", "us", "--unit", "ms", "--", "true"], "unit has 2 values"),
            (["run", "--timeout", "soon", "--", "true"], "invalid value 'soon'"),
            (["run", "--metric", "pmu", "--metric", "time", "--", "true"], "beside another"),
        ])
    func refused(words: [String], message: String) async {
        let place = words.firstIndex(of: "--") ?? words.endIndex
        let result = await run(Array(words[..<place]) + ["--list"] + Array(words[place...]))
        #expect(result.code == 64, "\(result.document)")
        #expect(result.diagnostics.contains(message), "\(result.diagnostics)")
    }

    @Test func aProgramThatIsMissingIsAnErrorOfItsCell() async {
        let result = await run(
            ["run", "--agent", Built.agent] + journal + ["--", "plumbline-no-such-program"])
        #expect(result.code == 64)
        #expect(result.diagnostics.contains("there is no program 'plumbline-no-such-program'"))
    }
}
