// SPDX-License-Identifier: GPL-3.0-or-later

/// Breaking and padding lines for a terminal of 80 columns.
public enum TextLines {
    static let width = 80

    /// Breaks a text at blanks; the first line is indented by two, later ones by four.
    static func wrapped(_ text: String) -> [String] {
        var lines: [String] = []
        for word in text.split(whereSeparator: \.isWhitespace) {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(lines.isEmpty ? "  \(word)" : "    \(word)")
            }
        }
        return lines
    }

    /// A message that may quote lines of a console, of which the first few are kept as they are.
    static func message(_ text: String) -> [String] {
        let lines = text.split(separator: "\n")
        let quoted = lines.dropFirst().map { String($0.prefix(width)) }
        let more = quoted.count > quotedLines ? ["    | …"] : []
        return wrapped(String(lines.first ?? "")) + quoted.prefix(quotedLines) + more
    }

    private static let quotedLines = 12

    /// Fields in columns; a negative width stands for text that begins at its column's left.
    static func row(_ fields: [String], _ columns: [Int]) -> String {
        var line = ""
        for (field, width) in zip(fields, columns) {
            let padding = String(repeating: " ", count: max(0, abs(width) - field.count))
            line += width < 0 ? field + padding : padding + field
        }
        while line.last == " " { line.removeLast() }
        return line
    }

    /// `1 cell`, `2 cells`.
    public static func number(_ count: Int, _ noun: String) -> String {
        count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
    }
}
