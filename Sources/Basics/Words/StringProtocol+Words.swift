// SPDX-License-Identifier: GPL-3.0-or-later

extension StringProtocol {
    /// The text without white space around it.
    public var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }

    /// At most so many characters, from 1: of a longer text, `…` takes the place of the middle.
    package func cut(to width: Int) -> String {
        guard count > width else { return String(self) }
        return "\(prefix(width / 2))…\(suffix((width - 1) / 2))"
    }

    /// Whether a program would take it for an option: its first byte is `-`, even where a combining
    /// mark follows and makes another character of both.
    package var isLikeOption: Bool { utf8.first == UInt8(ascii: "-") }

    /// The words between white space.
    package var words: [String] { split(whereSeparator: \.isWhitespace).map { String($0) } }
}

extension StringProtocol {
    /// The text on one line that cannot drive a terminal: line ends and tabs are blanks, and other
    /// control characters and marks of direction are escapes such as `\u{1b}`.
    ///
    /// For names and texts that a suite, a journal, an agent or a kernel's console gave.
    package var printable: String {
        withoutControls { $0 == "\n" || $0 == "\t" ? " " : nil }
    }

    /// The same with line ends and tabs as they are, for messages of several lines.
    package var printableLines: String {
        withoutControls { $0 == "\n" || $0 == "\t" ? String($0) : nil }
    }

    private func withoutControls(_ substitute: (Unicode.Scalar) -> String?) -> String {
        guard unicodeScalars.contains(where: \.drivesTerminal) else { return String(self) }
        var text = ""
        for scalar in unicodeScalars {
            if scalar.drivesTerminal {
                text += substitute(scalar) ?? "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension Unicode.Scalar {
    /// Whether it moves the cursor, starts an escape sequence, ends a line, or turns the direction
    /// of what follows (Unicode's annex 9).
    fileprivate var drivesTerminal: Bool {
        switch value {
        case 0..<0x20, 0x7f..<0xa0, 0x61c, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }
}
