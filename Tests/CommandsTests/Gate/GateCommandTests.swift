// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import LabSupport
import Linux
import Testing
import Yams

@testable import Commands

/// `plumbline gate` over stored journals, and what it refuses.
@Suite struct GateCommandTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    private func path(_ name: String) -> String { "\(scratch.path)/\(name)" }

    private func gate(_ arguments: String...) async -> Invocation {
        await gate(arguments: arguments)
    }

    private func gate(arguments: [String]) async -> Invocation {
        await Invocation(
            ["gate", "pipe-prealloc"] + arguments,
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": scratch.path])
    }

    private func write(_ text: String, to name: String) throws {
        try Descriptor.open(path(name), [.write, .create, .truncate]).writeAll(text)
    }

    /// Two journals of a baseline and a candidate at so much of its rate.
    private func sides(_ level: Double, noise: Double = 0.01) throws -> (String, String) {
        let (a, b) = (path("a.jsonl"), path("b-\(level)-\(noise).jsonl"))
        if !SystemFile.exists(a) { try GateJournal().write(to: a) }
        try GateJournal(
            kernels: ("next", "next"), level: level, noise: noise, seed: 2
        ).write(to: b)
        return (a, b)
    }

    @Test("a stored ab is judged again: the result's word and the exit code belong together")
    func judgedAgain() async throws {
        let cases: [(GateJournal, String, Int32)] = [
            (GateJournal(kernels: ("6.12", "next"), effect: 1.1), "pass", 0),
            (GateJournal(kernels: ("6.12", "next"), effect: 0.9), "fail", 3),
            (GateJournal(noise: 0.5), "skip", 4),
            (GateJournal(kernels: ("6.12", "next"), effect: 0.98, noise: 0.002), "skip", 4),
            (GateJournal(failure: .failure("no space left")), "error", 5),
        ]
        for (number, (journal, word, code)) in cases.enumerated() {
            let name = path("\(number).jsonl")
            try journal.write(to: name)
            let result = await gate("--baseline", name)
            #expect(result.code == code, "\(result)")
            #expect(result.document.hasPrefix("\(word)\t\(GateJournal.cell)\t"), "\(result)")
            #expect(result.document.split(separator: "\n").count == 1)
            #expect(result.diagnostics.contains("gate: 1 cell: "))
            #expect(result.diagnostics.contains("1 \(word)"))
            let quiet = await gate("--baseline", name, "--inconclusive-ok", "--quiet")
            #expect(quiet.code == (code == 4 ? 0 : code))
            #expect(quiet.document == result.document && quiet.diagnostics.isEmpty)
        }
    }

    @Test("two journals are compared by their boots, and nothing is measured")
    func twoJournals() async throws {
        for (level, word, code) in [(0.9, "fail", Int32(3)), (1.1, "pass", 0), (1.0, "pass", 0)] {
            let (a, b) = try sides(level)
            let result = await gate("--baseline", a, "--candidate", b)
            #expect(result.code == code, "\(result)")
            #expect(result.document.hasPrefix("\(word)\t"))
            #expect(result.diagnostics.contains("unpaired"))
        }
        let (a, open) = try sides(1, noise: 0.5)
        let result = await gate("--baseline", a, "--candidate", open)
        #expect(result.code == 4 && result.document.hasPrefix("skip\t"), "\(result)")
        let few = path("few.jsonl")
        try GateJournal(kernels: ("next", "next"), rounds: 4, seed: 3).write(to: few)
        let invalid = await gate("--baseline", a, "--candidate", few)
        #expect(invalid.code == 5 && invalid.document.hasPrefix("error\t"), "\(invalid)")
        #expect(invalid.document.contains("not comparable with fewer than 5 of each"))
    }

    @Test("journals that do not belong together are refused with 5, and nothing is printed")
    func notComparable() async throws {
        let (a, _) = try sides(1)
        let (suite, cpus) = (path("suite.jsonl"), path("cpus.jsonl"))
        try GateJournal(suite: "other", seed: 5).write(to: suite)
        try GateJournal(seed: 6, cpus: 4).write(to: cpus)
        for (b, words) in [
            (suite, "the suite differs: pipe-prealloc and other"),
            (cpus, "the CPU count differs: 2 and 4"), (a, "a journal is given twice"),
        ] {
            let result = await gate("--baseline", a, "--candidate", b, "--junit", path("x.xml"))
            #expect(result.code == 5)
            #expect(result.document.isEmpty)
            #expect(result.diagnostics.contains(words), "\(result.diagnostics)")
        }
        #expect(await gate("--baseline", suite).code == 5)
        #expect(!SystemFile.exists(path("x.xml")))
    }

    @Test("all files are written at once, and written anew by the next run")
    func files() async throws {
        let (a, b) = try sides(0.9)
        let arguments = [
            "--baseline", a, "--candidate", b, "--junit", path("x.xml"), "--ktap", path("x.ktap"),
            "--tmt", path("x.yaml"), "--lava",
        ]
        try write("", to: "x.ktap")
        for _ in 0..<2 {
            let result = await Invocation(["gate", "pipe-prealloc"] + arguments)
            #expect(result.code == 3, "\(result)")
            let lines = result.document.split(separator: "\n")
            #expect(lines.count == 2)
            #expect(lines[0].hasPrefix("fail\t"))
            #expect(
                lines[1].hasPrefix(
                    "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=pipe_1w1r_64KiB_none RESULT=fail "))
            #expect(try SystemFile.read(path("x.xml")).contains("<failure type=\"regressed\""))
            #expect(
                try SystemFile.read(path("x.ktap")).contains("\n1..1\nnot ok 1 "))
            let results = try Yams.load(yaml: SystemFile.read(path("x.yaml"))) as? [[String: Any]]
            #expect(results?.first?["result"] as? String == "fail")
        }
        let names = try SystemFile.list(scratch.path)
        #expect(names.filter { $0.hasSuffix(".new") }.isEmpty)
        #expect(names.filter { $0.hasPrefix("x.") } == ["x.ktap", "x.xml", "x.yaml"])
        // A link is followed, and stays.
        try FileLink.make(path("link.xml"), to: path("x.xml"))
        #expect(await gate("--baseline", a, "--junit", path("link.xml")).code == 0)
        #expect(try SystemFile.read(path("x.xml")).contains("failures=\"0\""))
        #expect(FileLink.isLink(path("link.xml")))
    }

    @Test("a run that fails leaves no results of an earlier one, and --list leaves them")
    func oldFiles() async throws {
        let (a, _) = try sides(1)
        let old = "<?xml version=\"1.0\"?>\n"
        for (side, code) in [("--candidate", Int32(64)), ("--baseline", 5)] {
            try write(old, to: "x.xml")
            let suite = code == 5 ? "smoke" : "pipe-prealloc"
            let result = await Invocation(["gate", suite, side, a, "--junit", path("x.xml")])
            #expect(result.code == code, "\(result)")
            #expect(!SystemFile.exists(path("x.xml")))
        }
        try write(old, to: "x.xml")
        try FileLink.make(path("link.xml"), to: path("x.xml"))
        #expect(await gate("--candidate", a, "--junit", path("link.xml")).code == 64)
        #expect(FileLink.isLink(path("link.xml")) && SystemFile.exists(path("link.xml")))
        #expect(try SystemFile.read(path("x.xml")).isEmpty)
        try write(old, to: "x.xml")
        let list = await gate(
            "--baseline", "6.12", "--candidate", "6.12", "--list", "--junit", path("x.xml"))
        #expect(list.code == 0, "\(list)")
        #expect(try SystemFile.read(path("x.xml")) == old)
    }

    @Test("a machine with another CPU model than the baseline's is refused before it measures")
    func otherMachine() throws {
        let (a, b) = try sides(1)
        let stored = try StoredJournal(readingFrom: a)
        let plan = try StoredJournal(readingFrom: b).header.plan
        var host = stored.header.host
        try GateCommand.check(plan, on: host, against: [stored])
        host.cpuModel = "Another"
        do {
            try GateCommand.check(plan, on: host, against: [stored])
            Issue.record("it was not refused")
        } catch {
            #expect("\(error)".contains("the CPU model differs: Example and Another"))
        }
    }

    @Test("a file with other content, one path for two files, and a bad path are usage errors")
    func badFiles() async throws {
        let (a, _) = try sides(1)
        try write("precious\n", to: "mine")
        let cases: [([String], String)] = [
            (["--junit", path("mine")], "exists and is not a junit file"),
            (["--ktap", a], "exists and is not a ktap file"),
            (["--junit", scratch.path], "is a directory"),
            (["--junit", path("no/such/x.xml")], "cannot be written"),
            (["--junit", ""], "--junit"),
            (["--junit", path("x"), "--ktap", path("./x")], "name one file"),
            (["--tmt", path("x"), "--output", path("x")], "name one file"),
        ]
        for (arguments, words) in cases {
            let result = await Invocation(["gate", "pipe-prealloc", "--baseline", a] + arguments)
            #expect(result.code == 64, "\(arguments): \(result)")
            #expect(result.diagnostics.contains(words), "\(result.diagnostics)")
            #expect(result.document.isEmpty)
        }
        #expect(try SystemFile.read(path("mine")) == "precious\n")
        #expect(try SystemFile.list(scratch.path) == ["a.jsonl", "b-1.0-0.01.jsonl", "mine"])
    }

    @Test("a device that is full ends with 1")
    func fullDevice() async throws {
        let (a, b) = try sides(1)
        let result = await gate("--baseline", a, "--candidate", b, "--junit", "/dev/full")
        #expect(result.code == 1)
        #expect(result.diagnostics.contains("cannot write /dev/full"))
        let program = try BuiltProgram.run(
            "gate pipe-prealloc --baseline '\(a)' --quiet > /dev/full", in: scratch.path)
        #expect(program.exit == .exited(1))
        #expect(program.diagnostics.contains("stdout: "))
        let pipe = try BuiltProgram.run(
            "gate pipe-prealloc --baseline '\(a)' --junit /dev/stdout --quiet", in: scratch.path)
        #expect(pipe.exit == .exited(0), "\(pipe.diagnostics)")
        #expect(pipe.document.contains("<testsuites "))
    }

    @Test("what is neither a journal nor a kernel, and sides that do not go together, are refused")
    func badSides() async throws {
        let (a, b) = try sides(1)
        try write("{\"kind\":\"header\"}\n", to: "broken")
        try write("words\n", to: "words")
        let cases: [([String], Int32, String)] = [
            ([], 64, "missing --baseline"),
            (["--candidate", a], 64, "missing --baseline"),
            (["--baseline", "6.12"], 64, "missing --candidate"),
            (["--baseline", "6.12", "--candidate", b], 64, "needs a stored baseline"),
            (["--baseline", a, "--baseline", b], 64, "several journals need another side"),
            (["--baseline", a, "--baseline", "6.12", "--candidate", b], 64, "one kernel, or"),
            (["--baseline", path("no.jsonl"), "--candidate", b], 64, "no such journal"),
            (["--baseline", path("broken"), "--candidate", b], 1, "broken"),
            (
                ["--baseline", path("words"), "--candidate", "6.12", "--agent", "/bin/true"], 64,
                "is not a kernel"
            ),
            (
                ["--baseline", "5.10", "--candidate", "6.12", "--agent", "/bin/true"], 64,
                "--baseline: "
            ),
            (["--baseline", a, "--candidate", "6.12", "--until-decided"], 64, "stored baseline"),
        ]
        for (arguments, code, words) in cases {
            let result = await Invocation(
                ["gate", "pipe-prealloc"] + arguments,
                environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": scratch.path])
            #expect(result.code == code, "\(arguments): \(result)")
            #expect(result.diagnostics.contains(words), "\(result.diagnostics)")
            #expect(result.document.isEmpty)
        }
        let unknown = await Invocation(["gate", "no-such-suite", "--baseline", a])
        #expect(unknown.code == 64)
    }

    @Test("one run is judged by at least seven runs of the baseline, and fewer do not tell")
    func runs() async throws {
        func run(_ number: UInt64, level: Double = 1) throws -> String {
            let name = path("run-\(number)-\(level).jsonl")
            let journal = GateJournal(level: level * (1 + 0.004 * Double(number % 3)), seed: number)
            if !SystemFile.exists(name) { try journal.writeRun(to: name) }
            return name
        }
        let baseline = try (1...7).flatMap { ["--baseline", try run($0)] }
        for (level, word, code) in [
            (0.8, "fail", Int32(3)), (1.2, "pass", 0), (0.992, "skip", 4),
        ] {
            let candidate = try run(9, level: level)
            let result = await gate(arguments: baseline + ["--candidate", candidate])
            #expect(result.code == code, "\(result)")
            #expect(result.document.hasPrefix("\(word)\t"), "\(result)")
            #expect(!result.diagnostics.contains("boots of each are compared"))
        }
        let candidate = ["--candidate", try run(9, level: 0.8)]
        let few = await gate(arguments: Array(baseline.dropLast(2)) + candidate)
        #expect(few.code == 5 && few.document.hasPrefix("error\t"), "\(few)")
    }

    @Test("a machine of ssh is a candidate against runs only, and target files name their kernels")
    func machines() async throws {
        let (a, _) = try sides(1)
        let box = path("box.yaml")
        try write(
            "host: ssh://box\nboot: commands\nreboot: [r, '{kernel}']\nkernels: [old, new]\n",
            to: "box.yaml")
        let cases: [([String], String)] = [
            (["--baseline", a, "--candidate", "ssh://box"], "at least 7 runs of the baseline"),
            (["--baseline", "6.12", "--candidate", "ssh://box"], "journals of runs on it only"),
            (["--baseline", "ssh://box", "--candidate", "6.12"], "journals of runs on it only"),
            (["--baseline", "6.12", "--candidate", "6.12", "--sudo"], "add --on FILE"),
            (["--baseline", "old", "--candidate", "now", "--on", box], "did you mean new?"),
            (["--baseline", "old", "--on", box], "missing --candidate"),
            (["--baseline", a, "--on", box], "name a kernel of"),
            (["--on", box, "--relinks", "3"], "--relinks is not supported with --on"),
            (["--on", "ssh://box"], "one machine runs one kernel at a time"),
        ]
        for (arguments, words) in cases {
            let result = await gate(arguments: arguments)
            #expect(result.code == 64, "\(arguments): \(result)")
            #expect(result.diagnostics.contains(words), "\(result.diagnostics)")
        }
        let list = await gate("--on", box, "--list", "--cells", "*/none")
        let ab = await Invocation([
            "ab", "pipe-prealloc", "--on", box, "--list", "--cells", "*/none",
        ])
        #expect(list.code == 0, "\(list)")
        #expect(list.document == ab.document && ab.document.contains("A: old\nB: new\n"))
        // A journal of another machine, or of guests, is refused before the machine reboots.
        let other = await gate("--baseline", a, "--candidate", "new", "--on", box)
        #expect(other.code == 5, "\(other)")
        #expect(other.diagnostics.contains("the machine differs"), "\(other.diagnostics)")
    }

    @Test("two kernels are measured as by ab: its list is the same")
    func twoKernels() async {
        let kernels = await gate(
            "--baseline", "6.12", "--candidate", "6.12+dio-cache", "--append-b", "quiet", "--list",
            "--cells", "*/none")
        let ab = await Invocation([
            "ab", "pipe-prealloc", "--a", "6.12", "--b", "6.12+dio-cache", "--append-b", "quiet",
            "--list", "--cells", "*/none",
        ])
        #expect(kernels.code == 0, "\(kernels)")
        #expect(kernels.document == ab.document && !ab.document.isEmpty)
    }
}
