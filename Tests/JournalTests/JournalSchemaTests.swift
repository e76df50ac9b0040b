// SPDX-License-Identifier: GPL-3.0-or-later

import SchemaSupport
import Testing

@testable import Journal
@testable import Protocol

struct JournalSchemaTests {
    private let validator: SchemaValidator

    init() throws {
        validator = SchemaValidator(
            root: try LineCodec.decode(JSONValue.self, from: JournalHeader.schemaText.utf8))
    }

    private func lines() throws -> [[UInt8]] {
        try [JournalLine.encode(Samples.header())]
            + Samples.events.flatMap { event in
                try JournalLine.encode(event).split(separator: UInt8(ascii: "\n")).map(Array.init)
            }
    }

    @Test func everyRecordAsItIsWrittenFitsTheSchema() throws {
        for line in try lines() {
            let value = try LineCodec.decode(JSONValue.self, from: line)
            #expect(validator.problems(value) == [], "\(String(decoding: line, as: UTF8.self))")
        }
    }

    @Test func aRecordWithAFieldTheSchemaDoesNotKnowDoesNotFit() throws {
        for line in try lines() {
            guard case .object(var members) = try LineCodec.decode(JSONValue.self, from: line)
            else { continue }
            members["new"] = .integer(1)
            #expect(!validator.problems(.object(members)).isEmpty)
            members["new"] = nil
            members["crc32c"] = nil
            #expect(!validator.problems(.object(members)).isEmpty)
        }
    }

    @Test func theSchemaNamesTheVersionThatIsWritten() {
        #expect(JournalHeader.schemaText.contains(#""$id": "\#(JournalHeader.schemaName)""#))
    }
}
