// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Testing

@testable import Workloads

@Suite struct MetricReaderTests {
    private func read(_ metric: String, from output: String, unit: String? = nil) throws -> Double {
        let request = try MetricRequest(parsing: metric).with(unit: unit)
        return try MetricReader([request]).read(from: Array(output.utf8), elapsed: 2_500_000)[0]
    }

    private func reason(_ metric: String, from output: String) throws -> MetricReason? {
        let reader = try MetricReader([MetricRequest(parsing: metric)])
        do throws(MetricError) {
            _ = try reader.read(from: Array(output.utf8), elapsed: 1)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func keysAreWordsBeforeAColonOrAnEqualsSign() throws {
        let output = "write_iops: 1\n  iops : 12.5 /s\nx.iops=3, riops=4 iops2=5 iops 6\n"
        #expect(try read("key:iops", from: output) == 12.5)
        #expect(try read("key:x.iops", from: output) == 3)
        #expect(try read("key:lat avg", from: "lat avg = 7 us\n", unit: "ns") == 7000)
        #expect(try read("key:BW", from: "IOPS=1.21M, BW=4.5MiB/s, x\n", unit: "KiB/s") == 4608)
        #expect(try read("key:IOPS", from: "IOPS=1.21M, BW=4.5MiB/s\n") == 1_210_000)
        #expect(try read("key:Time", from: "Time: 1,234 in 3 s\n") == 1234)
        #expect(try read("key:größe", from: "große: 1\ngröße: 2\n") == 2)
    }

    @Test func expressionsAreHeldAgainstEachLine() throws {
        let output = "IOPS=1.21M, x\r\nIOPS=1.23M, y\rIOPS=1.25M, z"
        #expect(try read("mean:regex:^IOPS=(\\S+),", from: output) == 1_230_000)
        #expect(try read("regex:=(\\S+), z$", from: output) == 1_250_000)
        #expect(try read("last:regex:IOPS=([^,]+)", from: output) == 1_250_000)
        // A group that took no part in a match says nothing.
        #expect(try read("regex:a(\\d)|b", from: "b a5 b") == 5)
        #expect(try reason("regex:a\\n(\\d)", from: "a\n5") == .noMatch)
    }

    @Test(
        "of several numbers a pick takes one",
        arguments: [
            ("first", 3), ("last", 2), ("min", 1), ("max", 6), ("mean", 3), ("sum", 12),
        ] as [(String, Double)])
    func picks(pick: String, value: Double) throws {
        let texts = ["a: 3\na: 6\na: 1\na: 2\n", "[{\"a\": 3}, {\"a\": 6}]\n[{\"a\":1},{\"a\":2}]"]
        #expect(try read("\(pick):key:a", from: texts[0]) == value)
        #expect(try read("\(pick):regex:a: (.)", from: texts[0]) == value)
        #expect(try read("\(pick):json:[*].a", from: texts[1]) == value)
    }

    @Test func pathsLeadThroughTheJSONBehindOtherLines() throws {
        let output = """
            note: [a warning] and {another
            [1: not JSON
            {"jobs": [
              {"read": {"iops": 1.5, "p": {"99.000000": 7}}, "write": {"iops": "2.5k"}, "t": "1 us"},
              {"read": {"iops": 4e0}, "name": "caf\\u00e9 \\ud83d\\ude00 \\"x\\""}
            ], "": 9}
            done
            """
        #expect(try read("json:jobs[0].read.iops", from: output) == 1.5)
        #expect(try read("json:.jobs[-1].read.iops", from: output) == 4)
        #expect(try read("json:jobs[0].read.p[\"99.000000\"]", from: output) == 7)
        #expect(try read("sum:json:jobs[*].{read,write}.iops", from: output) == 2505.5)
        #expect(try read("json:jobs[0].t", from: output, unit: "ns") == 1000)
        #expect(try read("json:[\"\"]", from: output) == 9)
        #expect(try reason("json:jobs[2].read", from: output) == .noMatch)
        #expect(try reason("json:jobs[0].read", from: output) == .notNumber("an object"))
        #expect(try reason("json:jobs[1].name", from: output) == .notNumber("café"))
    }

    @Test func wrongJSONIsSaidWithItsLine() throws {
        #expect(try reason("json:a", from: "x\n") == .noJSON)
        #expect(
            try reason("json:a", from: "x\n{\"a\": 1,\n\"b\": }\n")
                == .brokenJSON("a value is missing", line: 3))
        #expect(
            try reason("json:a", from: "{\"a\": {\n\"b\": 1")
                == .brokenJSON("it is cut off", line: 2))
        #expect(
            try reason("json:a", from: "{\"a\" 1}") == .brokenJSON("':' is missing", line: 1))
        let deep = String(repeating: "[", count: 100)
        guard case .brokenJSON(let why, line: 1) = try reason("json:a", from: deep) else {
            Issue.record("deep arrays are accepted")
            return
        }
        #expect(why.contains("more than 64"))
        for text in ["{\"a\": 0x1}", "[01x]", "{\"a\": tru}", "{a: 1}", "{\"a\":1"] {
            guard case .brokenJSON = try reason("json:a", from: text) else {
                Issue.record("\(text) is accepted")
                continue
            }
        }
    }

    @Test func badOutputsEachHaveTheirError() throws {
        for metric in ["json:a", "key:a", "regex:a=(.*)"] {
            #expect(try reason(metric, from: "") == .nothingPrinted, "\(metric)")
            #expect(try reason(metric, from: " \r\n\t\n") == .nothingPrinted, "\(metric)")
        }
        let garbage = String(decoding: (0...255).map { UInt8($0) } + [10, 0], as: UTF8.self)
        #expect(try reason("json:a", from: garbage) == .noJSON)
        #expect(try reason("key:a", from: garbage) == .noMatch)
        #expect(try reason("regex:a=(.*)", from: garbage) == .noMatch)
        #expect(try reason("key:a", from: "a=1\na=2\n") == .several(2))
        #expect(try reason("regex:(\\d)", from: "1 2 3") == .several(3))
        #expect(try reason("json:a", from: "{\"a\":1}\n{\"a\":2}") == .several(2))
        #expect(try reason("json:a", from: "{\"a\":1,\"a\":2}") == .several(2))
        #expect(try reason("key:a", from: "a=nan\n") == .notFinite("nan"))
        #expect(try reason("json:a", from: "{\"a\":NaN}") == .notFinite("nan"))
        #expect(try reason("json:a", from: "{\"a\":-inf}") == .notFinite("inf"))
        #expect(try reason("json:a", from: "{\"a\":null}") == .notNumber("null"))
        #expect(try reason("sum:key:a", from: "a=1e308\na=1e308\n") == .notFinite("inf"))
        #expect(try reason("key:a", from: "a=0x12\n") == .notNumber("0x12"))
        #expect(try reason("key:a", from: "a=1,5\n") == .notNumber("1,5"))
    }

    @Test func outputsAndLinesAreBounded() throws {
        let long = [UInt8](repeating: 97, count: MetricReader.longest + 1)
        let reader = try MetricReader([MetricRequest(parsing: "key:b")])
        do throws(MetricError) {
            _ = try reader.read(from: long, elapsed: 1)
            Issue.record("\(long.count) bytes are looked through")
        } catch {
            #expect(error.description.contains("4MiB"), "\(error)")
        }
        let line = String(repeating: "a", count: MetricReader.longestLine + 1)
        #expect(try reason("regex:(a)b", from: line) == .longLine(MetricReader.longestLine + 1))
        // A word may stand in any line.
        #expect(try reason("key:b", from: line) == .noMatch)
    }

    @Test func anExpressionThatTakesTheSquareOfEachLineIsGivenUp() throws {
        let digits = String(repeating: "1", count: MetricReader.longestLine)
        let lines = Array(repeating: digits, count: 3).joined(separator: "\n")
        let request = try MetricRequest(parsing: "regex:([\\d.]+) (?:usecs|us)")
        let reader = try MetricReader([request], patience: 1)
        do throws(MetricError) {
            _ = try reader.read(from: Array(lines.utf8), elapsed: 1)
            Issue.record("all lines were looked through in a nanosecond")
        } catch {
            #expect(error.reason == .slow)
        }
    }

    @Test func aSlicesOutputsShareOneDeadline() throws {
        let requests = try ["key:a", "regex:b=(\\d+)"].map { try MetricRequest(parsing: $0) }
        let reader = try MetricReader(requests)
        let output = Array("a=1 b=2\n".utf8)
        #expect(try reader.read(from: output, elapsed: 1, until: reader.deadline) == [1, 2])
        do throws(MetricError) {
            _ = try reader.read(from: output, elapsed: 1, until: 0)
            Issue.record("there was time beyond the deadline")
        } catch {
            // What is read without an expression takes no time.
            #expect(error.request == requests[1] && error.reason == .slow)
            #expect(!error.reason.isAbsence)
        }
    }

    @Test func theOwnTimeNeedsNoOutput() throws {
        #expect(try read("time", from: "") == 2_500_000)
        #expect(try read("time", from: "x", unit: "ms") == 2.5)
    }

    @Test func errorsNameTheMetricTheOutputAndARemedy() throws {
        let reader = try MetricReader([MetricRequest(parsing: "x=key:iops")])
        do throws(MetricError) {
            _ = try reader.read(from: Array("cannot open \u{1b}[31mfile\nbye".utf8), elapsed: 1)
            Issue.record("a metric out of nothing")
        } catch {
            let shown = error.plumblineError
            #expect(shown.kind == .failure)
            #expect(
                shown.message == "the metric x (x=key:iops) was not printed; "
                    + "the output begins with 'cannot open \\u{1b}[31mfile bye'")
            #expect(!shown.remedy.isEmpty)
        }
    }

    @Test func severalMetricsAreReadInTheirOrder() throws {
        let requests = try MetricRequest.list(parsing: ["key:b", "json:a", "time", "regex:(\\d)x"])
        let output = "b: 2 5x\n{\"a\": 1}\n"
        #expect(
            try MetricReader(requests).read(from: Array(output.utf8), elapsed: 4) == [2, 1, 4, 5])
    }
}
