// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Protocol
import Reports
import SchemaSupport
import Testing

@testable import History
@testable import Verdicts

@Suite("An export holds everything, in documented lines") struct ExportTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Names that break formats.
    static let oddNames = [
        "it's \"quoted\"; DROP TABLE cell; --", "<script>alert('x')</script> & <b>",
        "two\nlines\tand \u{1b}[2J", "🐧 Größe \u{338}<\u{338}", "100%_*?[a]",
    ]

    private var odd: HistoryEntry {
        var entry = SampleEntries.entry(1, effect: 0, cells: Self.oddNames)
        entry.experiment.suite = Self.oddNames[0]
        entry.experiment.machine = Self.oddNames[1]
        entry.arms[1].label = Self.oddNames[2]
        entry.cells[0].shortName = Self.oddNames[3]
        entry.cells[1].effect = 0.1 + 0.2
        entry.cells[2].effect = nil
        entry.cells[3].tags = Self.oddNames
        return entry
    }

    private func export(_ store: HistoryStore) throws -> String {
        var text = ""
        try store.forEach {
            text += String(decoding: try $0.line(), as: UTF8.self)
            return true
        }
        return text
    }

    @Test("odd names and numbers survive add, export and import, and a second import adds nothing")
    func roundTrip() throws {
        let store = try HistoryStore("\(scratch.path)/a.sqlite", for: .adding)
        _ = try store.add([odd, SampleEntries.entry(2, effect: 1)])
        let text = try export(store)
        #expect(text.split(separator: "\n").count == 2)
        let file = try scratch.file("export.jsonl", text)
        let entries = try HistoryStore.entries(in: file)
        #expect(entries.first == odd)
        let copy = try HistoryStore("\(scratch.path)/b.sqlite", for: .adding)
        #expect(try copy.add(entries) == [.added, .added])
        #expect(try export(copy) == text)
        #expect(try copy.add(entries) == [.unchanged, .unchanged])
        for name in Self.oddNames {
            #expect(try copy.points(ofCells: [name]).count == 1, "\(name)")
        }
    }

    @Test("each line is what its schema says")
    func schema() throws {
        let validator = SchemaValidator(
            root: try LineCodec.decode(
                JSONValue.self, from: ReportFormat.historySchemaText.utf8))
        for entry in [odd, SampleEntries.entry(2, effect: 1)] {
            let value = try LineCodec.decode(JSONValue.self, from: entry.line())
            #expect(validator.problems(value).isEmpty)
        }
    }

    @Test("what is no line of an export is refused by its number")
    func refusals() throws {
        let line = String(decoding: try SampleEntries.entry(1, effect: 0).line(), as: UTF8.self)
        func refusal(_ text: String) throws -> String {
            let file = try scratch.file("import.jsonl", text)
            let error = failure { () throws(PlumblineError) in
                try HistoryStore.entries(in: file)
            }
            return try #require(error?.message).replacing(file, with: "F")
        }
        #expect(try refusal(line + "{}\n") == "F:2: it is not a line of `plumbline history export`")
        #expect(try refusal("\n").hasPrefix("F:1: it is not a line"))
        #expect(try refusal(line + line.dropLast(9)).hasPrefix("F:2: the line has no end"))
        let newer = line.replacing("plumbline.history/1", with: "plumbline.history/2")
        #expect(try refusal(newer).hasPrefix("F:1: its schema is 'plumbline.history/2'"))
        let damaged = line.replacing(#""slices":64"#, with: #""slices":"x""#)
        #expect(try refusal(damaged).hasPrefix("F:1: not a "))
        let oneArm = line.replacing(#""arm":"A""#, with: #""arm":"B""#)
        #expect(try refusal(oneArm) == "F:1: it has no id, or not the arms A and B")
        #expect(try HistoryStore.entries(in: scratch.file("empty", "")).isEmpty)
        let missing = failure { () throws(PlumblineError) in
            try HistoryStore.entries(in: "\(scratch.path)/none")
        }
        #expect(missing?.kind == .usage)
    }
}
