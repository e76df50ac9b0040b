// SPDX-License-Identifier: GPL-3.0-or-later

/// An object of a document, its members named as in the document's schema.
package struct JSONObject: Encodable, Sendable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private let members: [String: any Encodable & Sendable]

    /// An object of these members; those without a value are absent.
    package init(_ members: [String: (any Encodable & Sendable)?]) {
        self.members = members.compactMapValues { $0 }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for (name, value) in members {
            try container.encode(value, forKey: Key(stringValue: name))
        }
    }
}
