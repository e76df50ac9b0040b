// SPDX-License-Identifier: GPL-3.0-or-later

/// A report as people read it: paragraphs and tables, one below the other.
package struct TextPage: Sendable {
    /// The columns of a line, where no word is longer.
    package static let width = 80
    /// The columns of a line on a narrow terminal, at least.
    private static let leastWidth = 30

    /// What it is made of; a paragraph is a table of its own.
    private(set) var parts: [TextTable] = []
    /// Whether nothing was added.
    package var isEmpty: Bool { parts.isEmpty }

    /// An empty page.
    package init() {}

    /// A page that begins with a title and tables, an empty line behind each of these.
    package init(title: TextParagraph? = nil, _ tables: TextTable...) {
        if let title { add(title) }
        for table in tables {
            add(table)
            add()
        }
    }

    /// Adds a paragraph; without one, an empty line.
    package mutating func add(_ paragraph: TextParagraph = TextParagraph()) {
        var part = TextTable()
        part.add(paragraph)
        parts.append(part)
    }

    /// Adds a table.
    package mutating func add(_ table: TextTable) { parts.append(table) }

    /// The text, each line ended.
    package func text(style: TextStyle = .plain, width: Int = Self.width) -> String {
        let width = min(width, max(Self.leastWidth, style.columns ?? width))
        return parts.flatMap { $0.lines(width: width, style: style) }.map { $0 + "\n" }.joined()
    }
}
