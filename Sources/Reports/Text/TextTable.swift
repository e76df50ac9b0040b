// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Rows of cells in columns as wide as their widest cell; paragraphs may stand between the rows.
///
/// A column without any text is left out. Text in the last column is wrapped inside it.
package struct TextTable: Sendable {
    /// A text with its place in the column.
    package struct Cell: Sendable, ExpressibleByStringLiteral {
        /// The text.
        fileprivate(set) var text: String
        /// How it is shown.
        fileprivate(set) var role = TextStyle.Role.plain
        /// Whether it is at the right of its column.
        fileprivate(set) var isRight = false

        /// A text at the left of its column.
        package init(stringLiteral text: String) { self.init(text) }

        private init(_ text: String, _ role: TextStyle.Role = .plain, isRight: Bool = false) {
            self.text = text.printable
            self.role = role
            self.isRight = isRight
        }

        /// A text at the left of its column.
        package static func left(_ text: String, _ role: TextStyle.Role = .plain) -> Cell {
            Cell(text, role)
        }

        /// A text at the right of its column.
        package static func right(_ text: String, _ role: TextStyle.Role = .plain) -> Cell {
            Cell(text, role, isRight: true)
        }
    }

    /// A row of cells, or a text across all columns.
    enum Row: Sendable {
        case cells([Cell])
        case paragraph(TextParagraph)
    }

    private static let gap = 2
    /// A last column with less room than this is not wrapped.
    private static let leastRoom = 16

    private struct Column {
        var start: Int
        var width = 0
        var isLast = false
    }

    private let indent: Int
    /// From the top.
    private(set) var rows: [Row] = []

    /// A table without rows.
    package init(indent: Int = 0) { self.indent = indent }

    /// Adds a row of texts, each at the left of its column.
    package mutating func add(_ texts: String...) { rows.append(.cells(texts.map { .left($0) })) }

    /// Adds a row.
    package mutating func add(_ cells: Cell...) { add(cells) }

    /// Adds a row of any number of cells.
    package mutating func add(_ cells: [Cell]) { rows.append(.cells(cells)) }

    /// Adds the titles of the columns.
    package mutating func addTitles(_ cells: Cell...) {
        rows.append(
            .cells(cells.map { $0.isRight ? .right($0.text, .faint) : .left($0.text, .faint) }))
    }

    /// Adds a text across all columns.
    package mutating func add(_ paragraph: TextParagraph) { rows.append(.paragraph(paragraph)) }

    /// The lines, none ended.
    func lines(width: Int, style: TextStyle) -> [String] {
        let columns = columns
        return rows.flatMap { row in
            switch row {
            case .paragraph(let paragraph): paragraph.lines(width: width, style: style)
            case .cells(let cells): Self.lines(cells, columns, width: width, style: style)
            }
        }
    }

    private var columns: [Column] {
        var widths: [Int] = []
        for case .cells(let cells) in rows {
            for (place, cell) in cells.enumerated() {
                if place == widths.count { widths.append(0) }
                widths[place] = max(widths[place], cell.text.count)
            }
        }
        var start = indent
        var columns: [Column] = []
        for width in widths {
            columns.append(Column(start: start, width: width))
            if width > 0 { start += width + Self.gap }
        }
        if let last = columns.lastIndex(where: { $0.width > 0 }) { columns[last].isLast = true }
        return columns
    }

    private static func lines(
        _ cells: [Cell], _ columns: [Column], width: Int, style: TextStyle
    ) -> [String] {
        var lines = [""]
        var used = 0
        for (cell, column) in zip(cells, columns) where !cell.text.isEmpty {
            let room = width - column.start
            let isWrapped = column.isLast && cell.text.count > room && room >= leastRoom
            let pieces = isWrapped ? TextParagraph.wrap(cell.text, width: room) : [cell.text]
            let start = column.start + (cell.isRight ? column.width - cell.text.count : 0)
            lines[0] += blanks(start - used) + style.paint(pieces[0], cell.role)
            used = start + pieces[0].count
            lines += pieces.dropFirst().map { blanks(start) + style.paint($0, cell.role) }
        }
        return lines
    }

    private static func blanks(_ count: Int) -> String { String(repeating: " ", count: count) }
}
