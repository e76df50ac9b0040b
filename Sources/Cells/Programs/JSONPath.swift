// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// The way to values in a JSON document: `jobs[0].read.iops`.
///
/// A key stands alone or after a dot; `["99.000000"]` is a key with dots, brackets or braces in it.
/// `[0]` is the first element of an array and `[-1]` the last, `[*]` every element of an array and
/// every value of an object, `{read,write}` those of these keys that are there. The last two may
/// find several values.
package struct JSONPath: Sendable, Equatable, CustomStringConvertible {
    /// One step down.
    package enum Step: Sendable, Equatable {
        /// The value of a key.
        case key(String)
        /// An element, from 0; from -1 backwards from the end.
        case index(Int)
        /// Every element, and every value.
        case all
        /// The values of these keys.
        case keys([String])
    }

    /// The steps, one at least.
    package let steps: [Step]

    /// Reads a path.
    ///
    /// - Throws: `usage` with the place in the path and what is allowed.
    package init(_ text: String) throws(PlumblineError) {
        var parser = JSONPathParser(text)
        steps = try parser.parse()
    }

    /// The last key, which names what is found.
    package var name: String? {
        for step in steps.reversed() {
            if case .key(let key) = step { return key }
        }
        return nil
    }

    package var description: String {
        steps.reduce(into: "") { text, step in
            switch step {
            case .key(let key) where key.allSatisfy(JSONPathParser.isPlain) && !key.isEmpty:
                text += (text.isEmpty ? "" : ".") + key
            case .key(let key): text += "[\(Self.quoted(key))]"
            case .index(let number): text += "[\(number)]"
            case .all: text += "[*]"
            case .keys(let keys):
                text += (text.isEmpty ? "" : ".") + "{\(keys.joined(separator: ","))}"
            }
        }
    }

    private static func quoted(_ key: String) -> String {
        var text = "\"".unicodeScalars
        for scalar in key.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { text.append("\\") }
            text.append(scalar)
        }
        text.append("\"")
        return String(text)
    }
}

/// Reads a path from left to right.
private struct JSONPathParser {
    private let text: String
    private let characters: [Character]
    private var place = 0

    init(_ text: String) {
        self.text = text
        characters = Array(text)
    }

    /// Whether a key may have it without quotes.
    static func isPlain(_ character: Character) -> Bool {
        !".[]{},\"".contains(character)
    }

    mutating func parse() throws(PlumblineError) -> [JSONPath.Step] {
        var steps: [JSONPath.Step] = []
        // jq's paths begin with a dot.
        if next == ".", characters.count > 1 { place += 1 }
        while let character = next {
            switch character {
            case "[":
                place += 1
                steps.append(try bracket())
            case ".":
                guard !steps.isEmpty else { throw invalid("a key is missing") }
                place += 1
                steps.append(try key())
            default:
                guard steps.isEmpty else { throw invalid("a dot or a bracket is missing") }
                steps.append(try key())
            }
        }
        guard !steps.isEmpty else { throw invalid("a key is missing") }
        return steps
    }

    private var next: Character? { place < characters.count ? characters[place] : nil }

    /// A key without quotes, or several in braces.
    private mutating func key() throws(PlumblineError) -> JSONPath.Step {
        guard next == "{" else { return .key(try plainKey()) }
        var keys: [String] = []
        repeat {
            place += 1
            keys.append(try plainKey())
        } while next == ","
        guard next == "}" else { throw invalid("'}' is missing") }
        place += 1
        return .keys(keys)
    }

    private mutating func plainKey() throws(PlumblineError) -> String {
        let start = place
        while let character = next, Self.isPlain(character) { place += 1 }
        guard place > start else { throw invalid("a key is missing") }
        return String(characters[start..<place])
    }

    /// What follows an opening bracket.
    private mutating func bracket() throws(PlumblineError) -> JSONPath.Step {
        if next == "\"" {
            place += 1
            return .key(try quotedKey())
        }
        let start = place
        while let character = next, character != "]" { place += 1 }
        guard next == "]" else { throw invalid("']' is missing") }
        let word = String(characters[start..<place])
        place += 1
        if word == "*" { return .all }
        guard let number = Int(word) else {
            place = start
            throw invalid("'\(word)' is neither a number, nor *, nor a key in quotes")
        }
        return .index(number)
    }

    private mutating func quotedKey() throws(PlumblineError) -> String {
        var key = ""
        while let character = next, character != "\"" {
            if character == "\\" { place += 1 }
            guard let literal = next else { break }
            key.append(literal)
            place += 1
        }
        guard next == "\"" else { throw invalid("the closing quote is missing") }
        place += 1
        guard next == "]" else { throw invalid("']' is missing") }
        place += 1
        return key
    }

    private func invalid(_ why: String) -> PlumblineError {
        .usage(
            "invalid JSON path '\(text.printable)': \(why) at character \(place + 1)",
            remedy: "a path is like jobs[0].read.iops; [*] is every element, {read,write} are two "
                + "keys, [\"99.000000\"] is a key with dots")
    }
}
