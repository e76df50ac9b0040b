// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Breaks lines that are wider than a mail allows.
enum FoldedLine {
    /// The pieces of a line, none wider than so many columns: broken at a blank, behind a character
    /// such as `/`, or anywhere.
    static func fold(_ line: String, width: Int) -> [String] {
        let margin = String(line.prefix { $0 == " " }.prefix(width / 2)) + "  "
        var pieces: [String] = []
        var rest = Array(line)
        var lead = ""
        while columns(rest) + lead.count > width {
            var used = lead.count
            var end = 0
            while end < rest.count, used + columns(rest[end]) <= width {
                used += columns(rest[end])
                end += 1
            }
            end = max(1, end)
            let start = rest.firstIndex { $0 != " " } ?? 0
            let place =
                (start + 1..<max(end, start + 1)).last { rest[$0] == " " }
                ?? (start + 1..<max(end, start + 1)).last { "/,;:=+-".contains(rest[$0]) }.map {
                    $0 + 1
                } ?? end
            pieces.append(lead + String(rest[..<place]))
            rest = Array(rest[place...].drop { $0 == " " })
            lead = margin
        }
        return pieces + (rest.isEmpty && !pieces.isEmpty ? [] : [lead + String(rest)])
    }

    /// A command line for a shell, continued by `\` where it is wider than that. A word that no
    /// line holds goes on at the start of the next one.
    static func command(_ words: [String], width: Int, indent: Int) -> [String] {
        var lines: [String] = []
        for word in words {
            let quoted = ShellWord.quoted(word)
            // Two columns for the continuation.
            if let last = lines.last, columns(last) + 1 + columns(quoted) <= width - 2 {
                lines[lines.count - 1] = "\(last) \(quoted)"
                continue
            }
            let margin = String(repeating: " ", count: lines.isEmpty ? indent : indent + 2)
            if !lines.isEmpty { lines[lines.count - 1] += " \\" }
            let cut = pieces(of: word, width: width - 2 - margin.count)
            lines += cut.enumerated().map { place, piece in
                (place == 0 ? margin : "") + piece + (place + 1 < cut.count ? "\\" : "")
            }
        }
        return lines
    }

    /// A word cut into quoted pieces that are no wider.
    private static func pieces(of word: String, width: Int) -> [String] {
        var pieces = [""]
        for character in word {
            let longer = pieces[pieces.count - 1] + String(character)
            if columns(ShellWord.quoted(longer)) > width, !pieces[pieces.count - 1].isEmpty {
                pieces.append(String(character))
            } else {
                pieces[pieces.count - 1] = longer
            }
        }
        return pieces.map(ShellWord.quoted)
    }

    /// The columns of a text on a terminal.
    static func columns(_ text: some Sequence<Character>) -> Int {
        text.reduce(0) { $0 + columns($1) }
    }

    /// Two for ideographs and pictures (Unicode's annexes 11 and 51), one for others.
    private static func columns(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        switch scalar.value {
        case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
            0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd:
            return 2
        default: return character.unicodeScalars.contains { $0.value == 0xfe0f } ? 2 : 1
        }
    }
}
