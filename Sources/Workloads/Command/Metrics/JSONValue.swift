// SPDX-License-Identifier: GPL-3.0-or-later

import Cells

/// A value of a JSON document (RFC 8259), with its keys in their order.
enum JSONValue: Equatable {
    /// A key as often as it is there.
    case object([Member])
    case array([JSONValue])
    /// Infinite or NaN where the program printed such a word, which JSON does not have.
    case number(Double)
    case string(String)
    /// `true`, `false` or `null`.
    case word(String)

    /// A key and its value.
    struct Member: Equatable {
        let key: String
        let value: JSONValue
    }

    /// The values at the end of a path, in the order of the document.
    func values(at path: JSONPath) -> [JSONValue] {
        path.steps.reduce([self]) { found, step in found.flatMap { $0.values(at: step) } }
    }

    private func values(at step: JSONPath.Step) -> [JSONValue] {
        switch (step, self) {
        case (.key(let key), .object(let members)):
            members.filter { $0.key == key }.map(\.value)
        case (.keys(let keys), .object(let members)):
            keys.flatMap { key in members.filter { $0.key == key }.map(\.value) }
        case (.all, .object(let members)): members.map(\.value)
        case (.all, .array(let elements)): elements
        case (.index(let index), .array(let elements)):
            if index < 0, -index <= elements.count {
                [elements[elements.count + index]]
            } else if elements.indices.contains(index) {
                [elements[index]]
            } else {
                []
            }
        default: []
        }
    }

    /// The value in words, for an error.
    var text: String {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .number(let number): "\(number)"
        case .string(let text): text
        case .word(let word): word
        }
    }
}
