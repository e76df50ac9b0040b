// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// What a YAML file must be like before it is parsed: composing it takes a stack frame for each
/// level of nesting, and compares each key with all others, aliases in it written out.
enum YAMLShape {
    /// Brackets and braces that a file may open. Which of them are inside others, only a parser can
    /// tell: all of them count, those in texts and comments too.
    static let bracketLimit = 1_000
    /// Items that may begin one behind the other: `- - -`.
    static let itemLimit = 16
    /// Blanks before a line's text: each may be a level.
    static let indentLimit = 128

    /// Refuses a file that takes a parser too deep, or too long.
    ///
    /// - Throws: `usage` with the line.
    static func check(_ source: SuiteSource) throws(PlumblineError) {
        let text = Array(source.text.utf8)
        if hasOtherLineEnds(text) {
            throw .usage(
                "\(source.place): it has line ends of another kind",
                remedy: "end lines by a newline")
        }
        var brackets = 0
        var number = 0
        for line in text.split(separator: 10, omittingEmptySubsequences: false) {
            number += 1
            let place = "\(source.place):\(number):1"
            brackets += line.count { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") }
            guard brackets <= bracketLimit else {
                throw .usage(
                    "\(place): more than \(bracketLimit) brackets are opened",
                    remedy: "write lists and mappings over several lines, with indentation")
            }
            guard itemsAtStart(of: line) <= itemLimit,
                line.prefix(while: isBlank).count <= indentLimit
            else {
                throw .usage(
                    "\(place): lists and mappings are nested too deep",
                    remedy: "a suite needs four levels")
            }
            if hasAliasedKey(line) {
                throw .usage(
                    "\(place): a key cannot be an alias or a compound",
                    remedy: "write the key as a word, and quote a text that holds * or ?")
            }
        }
    }

    /// How many items begin at a line's start: `- - - `.
    private static func itemsAtStart(of line: ArraySlice<UInt8>) -> Int {
        var items = 0
        var rest = line.drop(while: isBlank)
        while rest.first == UInt8(ascii: "-"), rest.dropFirst().first.map(isBlank) ?? true {
            items += 1
            rest = rest.dropFirst().drop(while: isBlank)
        }
        return items
    }

    /// Whether a text has ends of lines to a parser of YAML beside the newline, with or without a
    /// carriage return before it: a carriage return alone, U+0085, U+2028 and U+2029.
    private static func hasOtherLineEnds(_ text: [UInt8]) -> Bool {
        text.indices.contains { place in
            switch text[place] {
            case 13: return !text[place...].starts(with: [13, 10])
            case 0xc2: return text[place...].starts(with: [0xc2, 0x85])
            case 0xe2:
                return [0xa8, 0xa9].contains { text[place...].starts(with: [0xe2, 0x80, $0]) }
            default: return false
            }
        }
    }

    /// `,[]{}`
    private static func isFlow(_ byte: UInt8) -> Bool {
        byte == 0x2c || byte == 0x5b || byte == 0x5d || byte == 0x7b || byte == 0x7d
    }
    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }

    /// Whether a line may have a key that is an alias (`*name :`) or a compound (`? `).
    private static func hasAliasedKey(_ line: ArraySlice<UInt8>) -> Bool {
        /// Behind a `*`, the letters since; and whether blanks followed them.
        var alias: (letters: Int, isOver: Bool)?
        var before = UInt8(ascii: " ")
        var rest = line
        while let byte = rest.popFirst() {
            let ends = rest.first.map(isBlank) ?? true
            if byte == UInt8(ascii: "?"), ends,
                isBlank(before) || isFlow(before) || before == UInt8(ascii: "-")
            {
                return true
            }
            if byte == UInt8(ascii: ":"), ends, let alias, alias.letters > 0 { return true }
            if isBlank(byte) {
                alias = alias.flatMap { $0.letters > 0 ? ($0.letters, true) : nil }
            } else if isFlow(byte) {
                alias = nil
            } else if byte == UInt8(ascii: "*"), alias == nil || alias?.isOver == true {
                alias = (0, false)
            } else if let known = alias {
                alias = known.isOver ? nil : (known.letters + 1, false)
            }
            before = byte
        }
        return false
    }
}
