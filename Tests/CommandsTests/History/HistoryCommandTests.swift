// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Protocol
import SchemaSupport
import Testing

@testable import Commands

/// `plumbline history` over stored journals.
@Suite struct HistoryCommandTests {
    private let scratch: Scratch
    private var store: String { "\(scratch.path)/history.sqlite" }

    init() throws { scratch = try Scratch() }

    private func history(_ arguments: String...) async -> Invocation {
        await Invocation(
            ["history"] + arguments, environment: ["PLUMBLINE_HISTORY": store])
    }

    private func journal(
        _ number: UInt64, effect: Double = 1, measured: Int = 8
    ) throws -> String {
        let path = "\(scratch.path)/\(number).jsonl"
        try? SystemFile.unlink(path)
        try FinishedComparison(
            effect: effect, number: number, measured: measured
        ).write(to: path)
        return path
    }

    @Test("a journal is added once, and again when it was resumed")
    func adding() async throws {
        let first = await history("add", try journal(1, measured: 5), try journal(2))
        func line(_ word: String, _ number: Int) -> String {
            "\(word)\t20260101T000000Z-\(number)\t\(scratch.path)/\(number).jsonl\n"
        }
        #expect(first.document == line("added", 1) + line("added", 2))
        #expect(first.code == 0 && first.diagnostics.isEmpty, "\(first.diagnostics)")
        let again = await history("add", try journal(1, measured: 5))
        #expect(again.document == line("unchanged", 1))
        let resumed = await history("add", try journal(1))
        #expect(resumed.document == line("replaced", 1))
        let older = await history("add", try journal(1, measured: 5))
        #expect(older.document == line("older", 1))
        let list = await history("list")
        #expect(list.document.split(separator: "\n").count == 3, "\(list.document)")
    }

    @Test("show takes the beginning of an id, and names those that it fits")
    func showing() async throws {
        _ = await history("add", try journal(12, effect: 0.9), try journal(123))
        let shown = await history("show", "20260101T000000Z-12")
        #expect(shown.code == 0)
        #expect(shown.document.contains("example, ab, time: 20260101T000000Z-12\n"))
        #expect(shown.document.contains("regressed"), "\(shown.document)")
        let several = await history("show", "2026")
        #expect(several.code == 64)
        #expect(several.diagnostics.contains("'2026' is the beginning of several ids"))
        #expect(several.diagnostics.contains("20260101T000000Z-123, example"))
        let none = await history("show", "2027")
        #expect(none.code == 64)
        let document = await history("show", "20260101T000000Z-123", "--format", "json")
        let value = try LineCodec.decode(JSONValue.self, from: document.document.utf8)
        #expect(value.at("schema")?.text == "plumbline.history/1")
    }

    @Test("two experiments with one id are both shown, and told apart by their begin")
    func twins() async throws {
        _ = await history("add", try journal(7))
        let line = await history("export").document
        let later = line.replacing("\"started_at_ns\":7,", with: "\"started_at_ns\":9000000000,")
        #expect(later != line)
        _ = await history("import", try scratch.file("later.jsonl", later))
        let shown = await history("show", "20260101T000000Z-7")
        #expect(shown.code == 0, "\(shown.diagnostics)")
        #expect(shown.document.contains("2 experiments have the id 20260101T000000Z-7"))
        #expect(shown.document.contains("began 1970-01-01 00:00:00 UTC"), "\(shown.document)")
        #expect(shown.document.contains("began 1970-01-01 00:00:09 UTC"))
        let document = await history("show", "20260101T000000Z-7", "--format", "json")
        #expect(document.code == 64 && document.document.isEmpty)
        #expect(document.diagnostics.contains("2 experiments have the id '20260101T000000Z-7'"))
        #expect(document.diagnostics.contains("began 1970-01-01 00:00:09 UTC"))
    }

    @Test("an export ends where its reader does")
    func closedPipe() async throws {
        _ = await history("add", try journal(1), try journal(2), try journal(3))
        let printed = Printed()
        var console = Console(
            document: { printed.add($0) }, diagnostics: { _ in },
            environment: ["PLUMBLINE_HISTORY": store])
        console.documentFailure = { printed.text.isEmpty ? nil : .brokenPipe }
        #expect(await Plumbline.main(["history", "export"], console: console) == 0)
        #expect(printed.text.split(separator: "\n").count == 1)
    }

    @Test("an import keeps what a newer version judged, and says so")
    func judgements() async throws {
        _ = await history("add", try journal(1))
        let line = await history("export").document
        let older = line.replacing(
            "\"judged_by\":\"\(plumblineVersion)\"", with: "\"judged_by\":\"0.0.9\"")
        #expect(older != line)
        let file = try scratch.file("older.jsonl", older)
        #expect(await history("import", file).document == "1 judged-by-older\n")
        #expect(await history("export").document == line)
    }

    @Test("gate passes the usual effect, fails a worse one, and passes nothing without a history")
    func gating() async throws {
        let unknown = await history("gate", try journal(90))
        #expect(unknown.code == 64, "\(unknown.diagnostics)")
        var paths: [String] = []
        for number in 1...8 as ClosedRange<UInt64> {
            paths.append(try journal(number, effect: 1 + 0.0001 * Double(number % 3)))
            let early = await history("add", paths[paths.count - 1])
            #expect(early.code == 0, "\(early.diagnostics)")
            if number == 3 {
                let gate = await history("gate", try journal(90))
                #expect(gate.code == 4, "\(gate.document)")
                let lenient = await history("gate", paths[2], "--inconclusive-ok")
                #expect(lenient.code == 0)
            }
        }
        let usual = await history("gate", try journal(91, effect: 1.0001))
        #expect(usual.code == 0, "\(usual.document)")
        let worse = await history("gate", try journal(92, effect: 0.97), "--format", "gate")
        #expect(worse.code == 3, "\(worse.document)")
        #expect(worse.document.hasPrefix("fail\tpipe/1w1r/4KiB/none\t"))
        let list = await history("list", "--limit", "100")
        #expect(list.document.split(separator: "\n").count == 9)
        let trend = await history("trend", "--cell", "pipe/*", "--format", "json")
        let value = try LineCodec.decode(JSONValue.self, from: trend.document.utf8)
        #expect(value.at("series.0.points")?.items?.count == 8)
        let noise = await history("noise")
        #expect(noise.document.contains("MDE80"), "\(noise.document)")
    }

    @Test("a trend is a page in a file, and the history is never replaced by one")
    func trendPage() async throws {
        for number in 1...4 as ClosedRange<UInt64> { _ = await history("add", try journal(number)) }
        let path = "\(scratch.path)/trend.html"
        let page = await history("trend", "--format", "html", "-o", path)
        #expect(page.code == 0 && page.document.isEmpty, "\(page.diagnostics)")
        let text = try SystemFile.read(path)
        #expect(text.contains("<title>Trends</title>") && text.contains("default-src 'none'"))
        #expect(await history("trend", "--format", "html").document == text)
        let had = try SystemFile.readBytes(store)
        for (words, part) in [
            (["--format", "html", "-o", path], "exists"), (["--html"], "--html"),
            (["-o", store, "--force"], "is the history that is read"),
            (["--format", "csv"], "--format csv is not supported here"),
            (["--force"], "--force is"),
        ] {
            let refused = await Invocation(
                ["history", "trend"] + words, environment: ["PLUMBLINE_HISTORY": store])
            #expect(refused.code == 64 && refused.document.isEmpty, "\(words)")
            #expect(refused.diagnostics.contains(part), "\(words): \(refused.diagnostics)")
        }
        #expect(try SystemFile.readBytes(store) == had)
        let forced = await history("trend", "--format", "json", "-o", path, "--force")
        #expect(forced.code == 0)
        #expect(try SystemFile.read(path).contains("plumbline.trend/1"))
    }

    @Test("an export is imported elsewhere, twice with the same result")
    func exchange() async throws {
        _ = await history("add", try journal(1), try journal(2, effect: 1.1))
        let export = await history("export")
        let file = try scratch.file("export.jsonl", export.document)
        let other = "\(scratch.path)/other.sqlite"
        #expect(await history("import", file, "--store", other).document == "2 added\n")
        #expect(await history("import", file, "--store", other).document == "2 unchanged\n")
        #expect(await history("export", "--store", other).document == export.document)
        let schema = await history("export", "--schema")
        #expect(schema.document.contains("plumbline.history/1"))
    }

    @Test("what cannot be used is refused, and nothing is made of it")
    func refusals() async throws {
        for (words, part) in [
            (["add"], "missing a journal"), (["show"], "missing an id"),
            (["gate"], "missing a journal"), (["import"], "missing a file"),
            (["list"], "there is no such history"), (["trend"], "there is no such history"),
            (["list", "--limit", "0"], "for --limit (allowed"),
            (
                ["trend", "--least-change", "2"],
                "for --least-change (the unit is missing, as in 2%"
            ),
            (["list", "--format", "junit"], "--format junit is not supported here"),
            (["add", "/nonexistent"], "there is no such journal"),
            (["gate", "/nonexistent"], "there is no such journal"),
            (["import", "/nonexistent"], "there is no such file"),
            (["show", "x"], "there is no such history"), (["noise"], "there is no such history"),
            (["export"], "there is no such history"),
        ] {
            let refused = await Invocation(
                ["history"] + words, environment: ["PLUMBLINE_HISTORY": store])
            #expect(refused.code == 64, "\(words)")
            #expect(refused.diagnostics.contains(part), "\(words): \(refused.diagnostics)")
        }
        #expect(!SystemFile.exists(store))
    }

    @Test("several processes add at once: nothing is lost, and none meets a lock")
    func processes() async throws {
        let paths = try (1...12).map { try journal($0) }
        let script = """
            store=$0; plumbline=$1; shift
            adding() { for journal; do "$plumbline" history add "$journal" --store "$store" || exit 1; done; }
            adding "$1" "$2" "$3" "$7" & a=$!
            adding "$4" "$5" "$6" "$7" & b=$!
            adding "$7" "$8" "$9" "$1" & c=$!
            shift 9
            adding "$@" & d=$!
            wait $a && wait $b && wait $c && wait $d
            """
        let result = try Command.run(
            ["sh", "-c", script, "\(scratch.path)/new/history.sqlite", Built.plumbline] + paths)
        #expect(result.exit == .exited(0), "\(result.output)")
        let lines = result.output.split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("added") } == 12, "\(result.output)")
        #expect(lines.count { $0.hasPrefix("unchanged") } == 3)
        let list = await history("list", "--store", "\(scratch.path)/new/history.sqlite")
        #expect(list.document.split(separator: "\n").count == 13)
    }

    @Test(
        "killed at any moment, an import or add is done as a whole or not at all, and leaves no file"
    )
    func killed() async throws {
        let file = try scratch.file("export.jsonl", await fullExport())
        try SystemFile.makeDirectory("\(scratch.path)/killed")
        let script = """
            store=$0/killed/h.sqlite; plumbline=$1; file=$2; shift 2
            export PLUMBLINE_HISTORY="$store"
            killing() { "$plumbline" history "$@" >"$0/out" & pid=$!; sleep $delay; kill -9 $pid; wait $pid; }
            count() { "$plumbline" history list | wc -l; }
            for delay in 0.03 0.06 0.1 0.15 0.2 0.3 0.4; do
                rm -f "$store"; killing add "$@"; echo new $?; "$plumbline" history add "$1" && count
                killing add "$@"; count
                killing import "$file"; count
                "$plumbline" history import "$file"; count
                ls "$0/killed"
            done 2>/dev/null
            """
        let result = try Command.run(
            ["sh", "-c", script, scratch.path, Built.plumbline, file]
                + (1...4).map { try journal($0) }, timeoutMilliseconds: 120_000)
        let lines = result.output.split(separator: "\n").map(String.init)
        let counts = lines.compactMap { Int($0.trimmed) }
        // A title, and 1 or 4 journals; 1000 experiments of the export besides, or none.
        #expect(counts.count == 28, "\(result.output)")
        #expect(Set(counts).isSubset(of: [2, 5, 1002, 1005]), "\(result.output)")
        for (place, count) in counts.enumerated() where place % 4 == 3 {
            #expect(count > 1000, "\(result.output)")
        }
        #expect(lines.filter { $0.hasPrefix("h.sqlite") } == Array(repeating: "h.sqlite", count: 7))
    }

    @Test(
        "a file system without room: an error, and the store is as it was",
        .enabled(if: ChildProcess.userID == 0, "mounting needs root"))
    func fullDisk() async throws {
        let entries = await fullExport()
        let file = try scratch.file("export.jsonl", entries)
        try SystemFile.makeDirectory("\(scratch.path)/full")
        let script = """
            mount -t tmpfs -o size=256k full "$0/full" || exit 99
            "$1" history add "$3" --store "$0/full/h.sqlite" || exit 98
            "$1" history import "$2" --store "$0/full/h.sqlite"
            echo code $?
            "$1" history list --store "$0/full/h.sqlite"
            """
        let result = try Command.run([
            "unshare", "-m", "--propagation", "private", "sh", "-c", script, scratch.path,
            Built.plumbline, file, try journal(1),
        ])
        #expect(result.output.contains("code 1\n"), "\(result.output)")
        #expect(result.output.contains("nothing of this command was kept"), "\(result.output)")
        #expect(result.output.contains("20260101T000000Z-1 "), "\(result.output)")
    }

    /// An export of some hundred experiments.
    private func fullExport() async -> String {
        guard let path = try? journal(1) else { return "" }
        _ = await history("add", path, "--store", "\(scratch.path)/one.sqlite")
        let line = await history("export", "--store", "\(scratch.path)/one.sqlite").document
        return (100..<1100).map {
            line.replacing("20260101T000000Z-1", with: "20260101T000000Z-\($0)")
        }.joined()
    }
}
