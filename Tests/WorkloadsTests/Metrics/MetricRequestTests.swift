// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Testing

@Suite struct MetricRequestTests {
    private func refusal(_ text: String, for adapter: ProgramAdapter? = nil) -> String {
        do throws(PlumblineError) {
            return "accepted as \(try MetricRequest(parsing: text, for: adapter))"
        } catch {
            #expect(error.kind == .usage)
            return "\(error)"
        }
    }

    @Test(
        "a request is printed as it was written",
        arguments: [
            "json:jobs[0].read.iops", "json:[0].a", "x=json:a[\"99.000000\"].b[*]",
            "json:jobs[*].{read,write}.iops", "json:a[-1]", "regex:IOPS=(\\S+), x:y",
            "iops=mean:regex:^IOPS=(\\S+),", "key:lat avg", "last:key:a=b", "time", "run=time",
            "fio:read.iops", "sum:stress-ng:ops", "speed=fio:iops", "json:job options.size",
            #"json:a["q\"\\"]"#,
        ])
    func printedAsWritten(text: String) throws {
        let request = try MetricRequest(parsing: text)
        #expect(request.description == text)
        #expect(try MetricRequest(parsing: request.description) == request)
    }

    @Test func namesComeFromTheUserOrFromWhatIsRead() throws {
        #expect(try MetricRequest(parsing: "json:jobs[0].read.iops").name == "iops")
        #expect(try MetricRequest(parsing: "json:a[\"99.0\"]").name == "99.0")
        #expect(try MetricRequest(parsing: "json:[0]").name == "value")
        #expect(try MetricRequest(parsing: "regex:(.*)").name == "value")
        #expect(try MetricRequest(parsing: "key:lat_avg_ns").name == "lat_avg_ns")
        #expect(try MetricRequest(parsing: "time").name == "time")
        #expect(try MetricRequest(parsing: "a.b/c-1=time").name == "a.b/c-1")
        #expect(try MetricRequest(parsing: "fio:write.clat_p99").name == "write.clat_p99")
        // Only what is before the first colon can be a name.
        #expect(try MetricRequest(parsing: "regex:IOPS=(.*)").name == "value")
    }

    @Test func adaptersOfTheProgramNeedNoPrefix() throws {
        let fio = try #require(AdapterCatalogue.adapter("fio"))
        let request = try MetricRequest(parsing: "p99=read.clat_p99", for: fio)
        #expect(request.description == "p99=fio:read.clat_p99")
        #expect(request.unit.text == "ns" && request.better == .lower)
        #expect(refusal("read.clat_p99").contains("invalid metric 'read.clat_p99'"))
    }

    @Test func theUnitSaysWhichDirectionIsGoodUnlessTheUserDoes() throws {
        func better(_ unit: String) throws -> MetricRequest.Better? {
            try MetricRequest(parsing: "key:x").with(unit: unit).better
        }
        for unit in ["ns", "us", "usecs/op", "s", "ms/request"] {
            #expect(try better(unit) == .lower, "\(unit)")
        }
        for unit in ["IOPS", "B/s", "MiB/s", "ops/sec", "KIOPS", "MBps", "Gbit/s"] {
            #expect(try better(unit) == .higher, "\(unit)")
        }
        for unit in ["", "points", "%", "B", "M"] { #expect(try better(unit) == nil, "\(unit)") }
        #expect(try MetricRequest(parsing: "time").better == .lower)
        let own = try MetricRequest(parsing: "key:x").with(unit: "ns", better: .higher)
        #expect(own.better == .higher)
        #expect(try own.with(unit: "us").better == .lower)
    }

    @Test func anAdaptersUnitIsExchangedForOneOfItsKindOnly() throws {
        let bandwidth = try MetricRequest(parsing: "fio:bw")
        #expect(try bandwidth.with(unit: "MiB/s").unit.text == "MiB/s")
        #expect(throws: PlumblineError.self) { _ = try bandwidth.with(unit: "IOPS") }
        #expect(throws: PlumblineError.self) {
            _ = try MetricRequest(parsing: "time").with(unit: "B")
        }
    }

    @Test(
        "a wrong request says what is wrong",
        arguments: [
            ("", "invalid metric ''"), ("iops", "allowed: [NAME=]"), ("jsn:a", "did you mean json"),
            ("json:", "nothing follows json:"), ("regex:", "nothing follows regex:"),
            ("key:", "nothing follows key:"), ("time:5", "nothing may follow time"),
            ("mean:", "invalid metric"), ("mean", "invalid metric"), ("a b=time", "invalid name"),
            ("=time", "invalid name ''"), ("-x=time", "invalid name '-x'"),
            ("x=", "invalid metric"), ("fio:iop", "unknown metric 'iop' for fio (did you mean"),
            ("key: a", "blanks around it"), ("key:a\u{1b}", "printable"),
            ("regex:(", "invalid regular expression '('"), ("regex:\\d+", "has no capture group"),
            ("regex:(?:a)", "has no capture group"), ("json:a..b", "a key is missing"),
            ("json:a[x]", "'x' is neither a number"), ("json:a[1", "']' is missing"),
            ("json:a.{b,c", "'}' is missing"), ("json:[\"a", "closing quote is missing"),
            ("json:a[0]b", "a dot or a bracket is missing"), ("json:a}", "dot or a bracket"),
            ("x\u{301}=time", "invalid name"),
        ])
    func refused(text: String, words: String) {
        #expect(refusal(text).contains(words), "\(refusal(text))")
    }

    @Test func longRequestsAndTooManyAreRefused() throws {
        let long = "key:" + String(repeating: "x", count: 1021)
        #expect(refusal(long).contains("1025 bytes is too long (allowed: up to 1024)"))
        #expect(refusal(String(repeating: "x", count: 65) + "=time").contains("at most 64"))
        let names = (1...17).map { "a\($0)=time" }
        #expect(try MetricRequest.list(parsing: Array(names.dropLast())).count == 16)
        #expect(throws: PlumblineError.self) { _ = try MetricRequest.list(parsing: names) }
        #expect(throws: PlumblineError.self) { _ = try MetricRequest.list(parsing: []) }
        do throws(PlumblineError) {
            _ = try MetricRequest.list(parsing: ["key:iops", "json:iops"])
            Issue.record("two metrics of one name")
        } catch {
            #expect(error.message == "two metrics are called iops")
            #expect(error.remedy.contains("other=json:iops"))
        }
    }
}
