// SPDX-License-Identifier: GPL-3.0-or-later

extension TextPage {
    /// Its paragraphs and tables, empty lines left out.
    var html: [PageContext] { parts.map(\.html).filter { !$0.isEmpty } }
}

extension TextTable {
    /// `rows` of a table, or `lines` where there are only paragraphs; empty without either.
    var html: PageContext {
        let lines = paragraphs
        guard rows.contains(where: \.isCells) else {
            return lines.isEmpty ? [:] : ["lines": lines]
        }
        let columns = columnsWithText
        let contexts = rows.compactMap { row -> PageContext? in
            switch row {
            case .paragraph(let paragraph):
                paragraph.html.map { ["note": $0, "columns": max(1, columns.count)] }
            case .cells(let cells):
                ["cells": columns.map { $0 < cells.count ? cells[$0].html : ["text": ""] }]
            }
        }
        return ["rows": contexts, "hasRows": true]
    }

    /// The texts that stand between the rows.
    var paragraphs: [PageContext] {
        rows.compactMap { if case .paragraph(let paragraph) = $0 { paragraph.html } else { nil } }
    }

    private var columnsWithText: [Int] {
        var columns: Set<Int> = []
        for case .cells(let cells) in rows {
            for (place, cell) in cells.enumerated() where !cell.text.isEmpty {
                columns.insert(place)
            }
        }
        return columns.sorted()
    }
}

extension TextTable.Row {
    fileprivate var isCells: Bool { if case .cells = self { true } else { false } }
}

extension TextTable.Cell {
    fileprivate var html: PageContext {
        ["text": text, "class": isRight ? "\(role) right" : "\(role)"]
    }
}

extension TextParagraph {
    /// Its lead, text and class; nil of an empty line.
    var html: PageContext? {
        guard !lead.isEmpty || !text.isEmpty else { return nil }
        return ["lead": lead, "text": text, "class": isVerbatim ? "\(role) verbatim" : "\(role)"]
    }
}
