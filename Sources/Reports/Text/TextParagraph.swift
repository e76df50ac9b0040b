// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A text that is broken at blanks to fit a width.
package struct TextParagraph: Sendable, Equatable {
    /// How the text begins, shown strong.
    let lead: String
    /// The text.
    let text: String
    /// How it is shown.
    let role: TextStyle.Role
    private let indent: Int
    private let hanging: Int
    /// Whether it is never broken.
    private(set) var isVerbatim = false

    /// Makes a paragraph; one without any text is an empty line.
    ///
    /// - Parameters:
    ///   - lead: how the text begins, shown strong.
    ///   - indent: blanks before the first line.
    ///   - hanging: blanks before the lines after it, on top of `indent`.
    package init(
        lead: String = "", _ text: String = "", role: TextStyle.Role = .plain, indent: Int = 0,
        hanging: Int = 0
    ) {
        self.lead = lead.printable
        self.text = text.printable
        self.role = role
        self.indent = indent
        self.hanging = hanging
    }

    /// A remark below a row of a table.
    static func note(_ text: String, role: TextStyle.Role = .plain) -> Self {
        TextParagraph(text, role: role, indent: 2, hanging: 2)
    }

    /// A line that is never broken.
    package static func verbatim(
        _ line: String, role: TextStyle.Role = .plain, indent: Int = 0
    ) -> Self {
        var paragraph = TextParagraph(
            String(repeating: " ", count: indent) + line, role: role)
        paragraph.isVerbatim = true
        return paragraph
    }

    /// The lines, none ended.
    func lines(width: Int, style: TextStyle) -> [String] {
        if isVerbatim { return [style.paint(text, role)] }
        let lines = Self.wrap(
            lead + text, width: width, indent: indent, hanging: indent + hanging)
        guard !lead.isEmpty else { return lines.map { style.paint($0, role) } }
        let start = lines[0].prefix(lead.count + indent)
        let rest = [String(lines[0].dropFirst(start.count))] + lines.dropFirst()
        return [style.paint(String(start), .strong) + style.paint(rest[0], role)]
            + rest.dropFirst().map { style.paint($0, role) }
    }

    /// Breaks a text at blanks; there is at least one line, and a long word stays whole.
    package static func wrap(
        _ text: String, width: Int, indent: Int = 0, hanging: Int = 0
    ) -> [String] {
        var lines: [String] = []
        for word in text.split(whereSeparator: \.isWhitespace) {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                let margin = lines.isEmpty ? indent : hanging
                lines.append(String(repeating: " ", count: margin) + word)
            }
        }
        return lines.isEmpty ? [""] : lines
    }
}
