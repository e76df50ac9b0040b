// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Protocol
import SchemaSupport
import Testing

@testable import Commands
@testable import Reports

/// `plumbline report`: what it prints, where it goes, and how it ends.
struct ReportCommandTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    /// Writes a journal of two kernels.
    private func journal(_ name: String, effect: Double, cells: [String]? = nil) throws -> String {
        let path = "\(scratch.path)/\(name)"
        var comparison = FinishedComparison(effect: effect)
        if let cells { comparison.cells = cells }
        try comparison.write(to: path)
        return path
    }

    private func file(_ name: String, _ text: String) throws -> String {
        let path = "\(scratch.path)/\(name)"
        try Descriptor.open(path, [.write, .create]).writeAll(text)
        return path
    }

    @Test func severalJournalsAreAMatrixWithTheWorstExitCode() async throws {
        let (a, b) = (try journal("a.jsonl", effect: 1.1), try journal("b.jsonl", effect: 0.9))
        let result = await Invocation(["report", a, b])
        #expect(result.code == 3)
        let lines = result.document.split(separator: "\n").map { $0.words }
        #expect(lines.contains(["a", "b"]))
        #expect(lines.contains(["improved,", "n=8", "regressed,", "n=8"]))
        #expect(result.diagnostics.isEmpty)
        #expect(await Invocation(["report", a, a]).document.contains("a.jsonl #2"))
    }

    @Test func rowsColumnsAndFiltersAreThoseOfTheOptions() async throws {
        let cells = ["pipe/1w1r/4KiB/none", "pipe/1w1r/4KiB/other"]
        let a = try journal("a.jsonl", effect: 1.1, cells: cells)
        let one = await Invocation(["report", a, "--filter", "cell:*/other"])
        #expect(one.code == 0 && one.document.contains("1 of 2 cells (--filter): "))
        #expect(!one.document.contains("4KiB/none"))
        let less = await Invocation(["report", a, "--filter", "-cell:*/other", "--format", "csv"])
        #expect(less.document.split(separator: "\r\n").count == 2)
        let table = await Invocation(["report", a, "--row", "workload", "--col", "metric"])
        #expect(table.document.split(separator: "\n").first?.trimmed == "time")
        for (options, words) in [
            (["--filter", "verdict:regressed"], "fits no cell"), (["--filter", "x"], "KEY:VALUE"),
            (["--row", "colour"], "unknown key of --row 'colour'"),
            (["--row", "cell", "--format", "csv"], "not supported with --format csv"),
        ] {
            let wrong = await Invocation(["report", a] + options)
            #expect(wrong.code == 64 && wrong.document.isEmpty)
            #expect(wrong.diagnostics.contains(words), "\(wrong.diagnostics)")
        }
    }

    @Test func aJournalOfARunIsPrintedToo() async throws {
        let path = "\(scratch.path)/run.jsonl"
        try GateJournal().writeRun(to: path)
        let result = await Invocation(["report", path])
        #expect(result.code == 0 && result.document.contains("pipe/1w1r/64KiB/none"))
        #expect(result.document.contains("3 slices"))
        for format in ["csv", "gobench", "json"] {
            let other = await Invocation(["report", path, "--format", format])
            #expect(other.code == 0 && !other.document.isEmpty, "\(format)")
        }
        let mail = await Invocation(["report", path, "--format", "lkml"])
        #expect(mail.code == 64 && mail.document.isEmpty)
        #expect(mail.diagnostics.contains("--format lkml is not supported here"))
    }

    /// What the built program prints of a journal as a page.
    private func page(of journal: String, _ variable: String) throws -> Command.Result {
        try Command.run(
            [
                "/usr/bin/env", variable, Built.plumbline, "report", journal, "--format", "html",
            ], outputLimit: 16 << 20)
    }

    @Test func withoutGnuplotInPathThePageNamesItsPackage() throws {
        let result = try page(of: try journal("a.jsonl", effect: 1.1), "PATH=/nonexistent")
        #expect(result.succeeded && !result.output.contains("<svg"))
        #expect(
            result.output.contains(
                "gnuplot is not installed, so there is no plot: install the Debian package "
                    + "gnuplot-nox and make the page again"))
        #expect(result.output.contains("improved"))
    }

    @Test(.enabled(if: SystemFile.exists("/usr/bin/gnuplot"), "needs gnuplot"))
    func plotsNeedNoDirectoryForTemporaryFiles() throws {
        let result = try page(of: try journal("a.jsonl", effect: 1.1), "TMPDIR=/nonexistent")
        #expect(result.succeeded && result.output.contains("<svg"))
        #expect(!result.output.contains("gnuplot"))
    }

    @Test func theSchemaIsThatOfSeveralJournals() async throws {
        let schema = await Invocation(["report", "--schema"])
        #expect(schema.code == 0 && schema.document == ReportFormat.reportsSchemaText)
        let (a, b) = (try journal("a.jsonl", effect: 1.1), try journal("b.jsonl", effect: 1))
        let json = await Invocation(["report", a, b, "--format", "json"])
        let validator = SchemaValidator(
            root: try LineCodec.decode(JSONValue.self, from: schema.document.utf8))
        #expect(
            validator.problems(try LineCodec.decode(JSONValue.self, from: json.document.utf8)) == []
        )
    }

    @Test(arguments: ["report", "compare"])
    func aFileGetsTheWholeReportAndIsNotReplacedUnasked(_ command: String) async throws {
        let a = try journal("a.jsonl", effect: 0.9)
        let printed = await Invocation([command, a, "--format", "csv"])
        let path = "\(scratch.path)/out.csv"
        let words = [command, a, "--format", "csv", "-o", path]
        let first = await Invocation(words)
        #expect(first.code == 3 && first.document.isEmpty && first.diagnostics.isEmpty)
        #expect(try SystemFile.read(path) == printed.document)
        let second = await Invocation(words)
        #expect(second.code == 64 && second.diagnostics.contains("--force"))
        try SystemFile.write("mine", to: try file("mine", ""))
        let forced = await Invocation([command, a, "-o", path, "--force"])
        #expect(forced.code == 3)
        #expect(try SystemFile.read(path) == (await Invocation([command, a]).document))
        let dash = await Invocation([command, a, "--output", "-"])
        #expect(dash.document == (await Invocation([command, a]).document))
        #expect(try SystemFile.list(scratch.path).sorted() == ["a.jsonl", "mine", "out.csv"])
    }

    @Test func whatCannotBeAFileOfAReportIsRefusedAndStaysAsItWas() async throws {
        let (a, b) = (try journal("a.jsonl", effect: 1.1), try journal("b.jsonl", effect: 1.1))
        let had = try SystemFile.readBytes(a)
        try FileLink.make("\(scratch.path)/link", to: a)
        for (path, words) in [
            (a, "is a journal that is read"), ("\(scratch.path)/link", "is a journal that is read"),
            (b, "is a journal, which is never replaced"), (scratch.path, "is a directory"),
            ("\(scratch.path)/no/such", "cannot be written"),
        ] {
            let result = await Invocation(["report", a, "--force", "-o", path])
            #expect(result.code == 64 && result.document.isEmpty)
            #expect(result.diagnostics.contains(words), "\(path): \(result.diagnostics)")
        }
        #expect(try SystemFile.readBytes(a) == had)
        let full = await Invocation(["report", a, "-o", "/dev/full"])
        #expect(full.code == 1)
        #expect(full.diagnostics.contains("cannot write /dev/full: No space left on device"))
        #expect(await Invocation(["report", a, "--force"]).code == 64)
        // A format that cannot show it leaves no file.
        let run = "\(scratch.path)/run.jsonl"
        try GateJournal().writeRun(to: run)
        let none = "\(scratch.path)/none"
        #expect(await Invocation(["report", run, "--format", "junit", "-o", none]).code == 64)
        #expect(!SystemFile.exists(none))
    }

    @Test(
        "a reader that has gone leaves 0 or SIGPIPE's end, and no verdict's code",
        arguments: ["report", "compare"], [0.9, 1.1])
    func brokenPipe(_ command: String, _ effect: Double) throws {
        let path = try journal("a.jsonl", effect: effect)
        for script in [#"exec "$0" "$@""#, #"trap "" PIPE; exec "$0" "$@""#] {
            // The other end is closed with the rest of the pipe.
            let writer = try Pipe().takeWriter()
            let exit = try Command.spawn(
                ["sh", "-c", script, Built.plumbline, command, path], output: writer
            ).wait()
            let ends: [ChildProcess.Exit] = [.exited(0), .exited(141), .signalled(13)]
            #expect(ends.contains(exit), "\(exit)")
        }
    }

    @Test func aFullDeviceEndsWith1() throws {
        let path = try journal("a.jsonl", effect: 0.9)
        for words in ["report", "compare"] {
            let result = try BuiltProgram.run("\(words) '\(path)' > /dev/full", in: scratch.path)
            #expect(result.exit == .exited(1))
            #expect(result.diagnostics == "plumbline: stdout: No space left on device\n")
        }
    }

    @Test func aClosedStandardOutputEndsWith1() throws {
        let result = try BuiltProgram.run("suite list >&-", in: scratch.path)
        #expect(result.exit == .exited(1))
        #expect(result.diagnostics == "plumbline: stdout: Bad file descriptor\n")
    }

    @Test func aJournalThatIsNoneIsRefusedByNameAndLine() async throws {
        let good = try journal("good.jsonl", effect: 1.1)
        let lines = try SystemFile.read(good).split(separator: "\n").map(String.init)
        let newer = lines[0].replacing("plumbline.journal/3", with: "plumbline.journal/9")
        let cases: [(String, Int32, String)] = [
            (try file("empty", ""), 1, "it is empty"),
            (try file("torn", String(lines[0].prefix(200))), 1, "the header is torn"),
            (try file("foreign", "{\"a\":1}\n{\"a\":2}\n"), 1, "line 1: this is not a journal"),
            (try file("short", "hello"), 1, "line 1: this is not a journal"),
            (try file("text", "hello\n"), 1, "line 1: this is not a journal"),
            (try file("newer", newer + "\n"), 1, "its schema 'plumbline.journal/9' is read by"),
            (try file("second", lines[0] + "\n{\"a\":1}\n"), 1, "line 2: "),
            (scratch.path, 1, "Is a directory"),
            ("\(scratch.path)/missing", 64, "there is no such journal"),
        ]
        for (path, code, words) in cases {
            for arguments in [["report", path], ["report", good, path], ["compare", path]] {
                let result = await Invocation(arguments)
                #expect(result.code == code && result.document.isEmpty, "\(path)")
                #expect(result.diagnostics.contains("\(path): "), "\(result.diagnostics)")
                #expect(result.diagnostics.contains(words), "\(result.diagnostics)")
            }
        }
        // A torn last line is left out, with a warning.
        let torn = try file("cut", lines.joined(separator: "\n") + "\n{\"kind\":\"sli")
        let result = await Invocation(["report", torn])
        #expect(result.code == 0 && result.document.contains("is torn"))
    }

    @Test("a large file that is no journal is refused without reading it into memory")
    func large() throws {
        let good = try journal("good.jsonl", effect: 1.1)
        let header = try SystemFile.read(good).split(separator: "\n")[0]
        let zeros = try file("zeros", "")
        let tail = try file("tail", header + "\n")
        for path in [zeros, tail] {
            let grown = try Command.run(["truncate", "--size=8G", path])
            #expect(grown.succeeded)
            // 16 MiB is the longest line; a process has some hundred MiB of its own.
            let result = try Command.run([
                "prlimit", "--data=1500000000", Built.plumbline, "report", path,
            ])
            #expect(result.exit == .exited(1), "\(result)")
            #expect(result.output.hasPrefix("plumbline: \(path): line "), "\(result.output)")
        }
    }
}
