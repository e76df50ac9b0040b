// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import SchemaSupport
import Testing

@testable import Reports
@testable import Verdicts

struct ReportSchemaTests {
    private let validator: SchemaValidator

    init() throws {
        validator = SchemaValidator(
            root: try LineCodec.decode(JSONValue.self, from: ReportFormat.schemaText.utf8))
    }

    private func value(_ document: some Encodable) throws -> JSONValue {
        try LineCodec.decode(JSONValue.self, from: LineCodec.encode(document))
    }

    private func calibrated() throws -> JSONObject {
        var builder = JournalBuilder(
            rule: .fixed, knobs: [.init(kind: .setting, target: "timing", a: "op", b: "op")])
        builder.add(24, noise: 0.05, latency: true)
        var report = try VerdictReport(builder.ended())
        builder.journal.header.plan.comparison?.placeboUnits = 8
        report.calibration = try Calibration(builder.ended()).record(seed: 5)
        return report.document
    }

    private func compared() throws -> [JSONObject] {
        func run(_ number: UInt64) -> StoredJournal {
            JournalBuilder.run(operations: 10_000 + number * 7 % 40, number: number)
        }
        let runs = (1...8).map {
            RunHistory.Run(run($0), name: "\($0)")
        }
        let history = try RunHistory(
            Array(runs.dropFirst(2)), besides: Array(runs.prefix(2)))
        let toggle = VerdictTextTests.journal()
        return [
            try JournalComparison(toggle, toggle).document,
            try JournalComparison(run(1), run(2)).document,
            try JournalComparison(run(1), run(2), history: history).document,
        ]
    }

    /// A document of each kind that there is.
    private func documents() throws -> [JSONValue] {
        var kernels = VerdictTextTests.journal()
        kernels.header.plan.kind = .ab
        kernels.header.plan.comparison?.knobs = []
        var builder = JournalBuilder(blocks: 16)
        builder.journal.header.plan.kind = .ab
        builder.journal.header.plan.comparison?.rounds = 8
        builder.add(16, noise: 0.1) { $0.round = ($0.block ?? 0) / 2 }
        let verdicts =
            [
                try VerdictReport(VerdictTextTests.journal()).document,
                try VerdictReport(kernels).document,
                try VerdictReport(builder.ended()).document, try calibrated(),
            ] + (try compared())
        let runs = [
            RunReport(RunReportTests.journal, exitCode: 1).document,
            RunReport(JournalBuilder.run(operations: 5), exitCode: 0).document,
        ]
        return try verdicts.map { try value($0) } + runs.map { try value($0) }
    }

    @Test func everyKindOfDocumentFitsTheSchema() throws {
        let documents = try documents()
        let kinds = documents.compactMap { $0["experiment"]?["kind"] }
        let expected = [
            "toggle", "ab", "ab", "toggle", "compare", "compare", "compare", "run", "run",
        ]
        #expect(kinds == expected.map { .text($0) })
        for document in documents { #expect(validator.problems(document) == []) }
    }

    @Test func severalJournalsFitTheirSchema() throws {
        let validator = SchemaValidator(
            root: try LineCodec.decode(JSONValue.self, from: ReportFormat.reportsSchemaText.utf8))
        let overview = VerdictOverview([
            ("a", try JournalResult(VerdictTextTests.journal())),
            ("b", try JournalResult(JournalBuilder.run(operations: 5))),
        ])
        let document = try value(overview.document)
        #expect(validator.problems(document) == [])
        guard case .object(var members) = document else { return }
        members["reports"] = .array([.object([:])])
        #expect(!validator.problems(.object(members)).isEmpty)
    }

    @Test func aWrongDocumentDoesNotFit() throws {
        for document in try documents() {
            guard case .object(let members) = document else { continue }
            for name in members.keys where name != "calibration" {
                var less = members
                less[name] = nil
                #expect(!validator.problems(.object(less)).isEmpty, "without \(name)")
                less[name] = .null
                #expect(!validator.problems(.object(less)).isEmpty, "\(name) is null")
            }
            #expect(!validator.problems(.object(members.merging(["new": .null]) { $1 })).isEmpty)
        }
    }

    @Test func aWrongCellDoesNotFit() throws {
        let wrong: [(String, JSONValue?)] = [
            ("verdict", .text("better")), ("verdict", nil), ("p_value", .number(1.5)),
            ("interval_percent", .array([.number(1)])), ("effect_percent", .text("1")),
            ("arms", .object([:])), ("blocks", .integer(-1)), ("workload", .object([:])),
            ("new", .integer(1)),
        ]
        guard case .object(var document) = try value(calibrated()),
            case .object(let cell)? = document["cells"]?.items?.first
        else { throw PlumblineError.failure("no cell") }
        #expect(validator.problems(.object(document)) == [])
        for (name, value) in wrong {
            var changed = cell
            changed[name] = value
            document["cells"] = .array([.object(changed)])
            #expect(!validator.problems(.object(document)).isEmpty, "\(name)")
        }
    }

    @Test func theSchemaNamesTheVersionThatIsWritten() {
        #expect(ReportFormat.schemaText.contains(#""$id": "\#(ReportDocument.schemaName)""#))
    }
}
