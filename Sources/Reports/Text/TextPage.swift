// SPDX-License-Identifier: GPL-3.0-or-later

/// A report as people read it: paragraphs and tables, one below the other.
package struct TextPage: Sendable {
    private enum Element: Sendable {
        case paragraph(TextParagraph)
        case table(TextTable)
    }

    /// The columns of a line, where no word is longer.
    package static let width = 80

    private var elements: [Element] = []
    /// Whether nothing was added.
    package var isEmpty: Bool { elements.isEmpty }

    /// An empty page.
    package init() {}

    /// Adds a paragraph; without one, an empty line.
    package mutating func add(_ paragraph: TextParagraph = TextParagraph()) {
        elements.append(.paragraph(paragraph))
    }

    /// Adds a table.
    package mutating func add(_ table: TextTable) { elements.append(.table(table)) }

    /// The text, each line ended.
    package func text(style: TextStyle = .plain) -> String {
        elements.flatMap { element in
            switch element {
            case .paragraph(let paragraph): paragraph.lines(width: Self.width, style: style)
            case .table(let table): table.lines(width: Self.width, style: style)
            }
        }.map { $0 + "\n" }.joined()
    }
}
