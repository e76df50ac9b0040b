// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import SchemaSupport
import Testing
import Yams

@testable import Reports
@testable import Verdicts

/// Names that no format was made for: each output is still what its readers take.
struct HostileNamesTests {
    private static let names = [
        "pipe/a\u{0}b\u{1b}[2J\r\nok 9 forged # x", "pipe/]]>&lt;<![CDATA[ \u{FFFE}\u{FFFF}",
        "pipe/\u{2028}\u{2029}\u{85}\u{a0}\u{202e}\u{FFFD}", "pipe/,\"\",\u{301}",
        "pipe/" + String(repeating: "long name ", count: 2000), "pipe/- : # {a: b}\t'%s'",
    ]

    private static func overview() throws -> VerdictOverview {
        var builder = JournalBuilder(cells: names, rule: .fixed, suite: "s\n1..9\u{0}<\"")
        builder.journal.header.id = "id\nKTAP version 1\u{7}"
        builder.journal.header.host.cpuModel = "\u{0}\nUnit ns/op"
        builder.journal.header.host.kernelRelease = "6.1\nBenchmarkX 1 1 ns/op"
        builder.journal.header.plan.arguments = ["toggle", "a\nb", "\u{1b}[2J"]
        builder.journal.header.plan.comparison?.arms.a.label = "x\nnot ok 1 y"
        for name in names {
            builder.add(8, of: name) { slice in
                slice.tracks = slice.tracks.mapValues {
                    var track = $0
                    track.latency = JournalBuilder.latency()
                    return track
                }
                slice.tracks["\u{0}<\n,\"\u{FFFE}"] = slice.tracks["write"]
                slice.validity.reasons = slice.block == 3 ? ["re\nason\u{0}": "why\n"] : [:]
            }
        }
        let report = try VerdictReport(builder.ended())
        let loss = try SeveralJournals.kernels("\u{0}panic <&\"'>\u{FFFE}\nok 1 x\t\r")
        return VerdictOverview([
            ("a\nb", .verdicts(report)), ("k\u{0}", .verdicts(loss)),
        ])
    }

    private func text(_ name: String) throws -> String {
        try #require(ReportFormat(named: name)).renderer.render(Self.overview(), style: .plain)
    }

    @Test(arguments: ["text", "gate", "ktap", "lava", "tmt", "lkml", "gobench", "csv", "junit"])
    func noControlCharacterIsInAnyOutput(_ format: String) throws {
        let allowed: Set<Unicode.Scalar> = format == "csv" ? ["\r", "\n"] : ["\n", "\t"]
        let bad = try text(format).unicodeScalars.filter { scalar in
            scalar.properties.generalCategory == .control && !allowed.contains(scalar)
        }
        #expect(bad.isEmpty, "\(bad)")
    }

    @Test func linesOfKTAPAreThoseOfTheCells() throws {
        let lines = try text("ktap").split(separator: "\n")
        let form = /( {2})?(KTAP version 1|1\.\.[0-9]+|# .+|(not )?ok [0-9]+ [^#]+ # .+)/
        for line in lines { #expect(line.wholeMatch(of: form) != nil, "\(line)") }
        #expect(
            lines.count { $0.hasPrefix("  ok ") || $0.hasPrefix("  not ok ") } == Self.names.count
                + 1)
        #expect(lines.count { $0.hasPrefix("ok ") || $0.hasPrefix("not ok ") } == 2)
    }

    @Test func XMLAndYAMLAndJSONCanBeParsed() throws {
        let root = try XMLTree.parse(text("junit"))
        try JUnitRules.check(root)
        #expect(root.attributes["tests"] == "\(Self.names.count + 1)")
        let list = try #require(try Yams.load(yaml: text("tmt")) as? [[String: Any]])
        #expect(list.count == Self.names.count + 1)
        let validator = SchemaValidator(
            root: try LineCodec.decode(JSONValue.self, from: ReportFormat.reportsSchemaText.utf8))
        #expect(try validator.problems(Self.overview().json()) == [])
    }

    @Test func aRowIsACell() throws {
        let benchmarks = try GoBenchRules.read(text("gobench"))
        #expect(Set(benchmarks.map(\.name)).count == Self.names.count + 1)
        #expect(try text("gate").split(separator: "\n").count == Self.names.count + 1)
        let lava = try text("lava").split(separator: "\n")
        #expect(lava.count == Self.names.count + 1)
        #expect(
            lava.allSatisfy { $0.wholeMatch(of: /<LAVA_SIGNAL_TESTCASE [^<>\s]+ [^<>]+>/) != nil })
        let records = try text("csv").split(separator: "\r\n")
        #expect(records.count == Self.names.count + 2)
        #expect(!records.contains { $0.contains("\n") })
    }
}
