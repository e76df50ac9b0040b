// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Verdicts

/// What one journal says of one cell, and where in a table of several it stands.
struct OverviewEntry: Sendable {
    /// The cell.
    var plan: CellPlan
    /// The values of the row's keys.
    var row: [String] = []
    /// What the row's first value is shown as, where that is another text.
    var title: String?
    /// The cell and the journal as they are shown beside others in one place.
    var names: [String] = []
    /// What of them tells it from the others in its place; empty where it is alone there.
    var name = ""
    /// The values of the column's keys.
    var column: [String] = []
    /// A change with its interval, or a rate.
    var figure: String
    /// `n=8`, or how far slices spread.
    var count: String
    /// The verdict's word; nil for a run.
    var verdict: String?
    /// How it is shown.
    var role: TextStyle.Role
    /// What a reader should know of it.
    var notes: [String]
    /// What was claimed of it.
    var claim: ClaimVerdict?
}

/// Entries in rows and columns, in the order in which they come.
struct OverviewTable {
    private let entries: [OverviewEntry]
    /// By row and column.
    private let places: [[[String]]: [OverviewEntry]]
    private let rows: [[String]]
    private let columns: [[String]]
    private let hasJournalRows: Bool

    /// - Parameter hasJournalRows: whether a row names its journal, so that the figures of one entry
    ///   stand in one line.
    init(_ entries: [OverviewEntry], hasJournalRows: Bool) {
        let places = Dictionary(grouping: entries) { [$0.row, $0.column] }
        // A row with several entries in one place names those of its other places too.
        var parts: [[String]: Set<Int>] = [:]
        for (place, entries) in places {
            parts[place[0], default: []].formUnion(Self.differences(entries))
        }
        let groups = places.mapValues { entries in
            Self.named(entries, by: parts[entries[0].row] ?? [])
        }
        self.places = groups
        self.entries = groups.values.flatMap(\.self)
        self.hasJournalRows = hasJournalRows
        rows = Self.distinct(entries.map(\.row))
        columns = Self.distinct(entries.map(\.column))
    }

    /// The parts of their names in which the entries of one place differ.
    private static func differences(_ entries: [OverviewEntry]) -> [Int] {
        (entries.first?.names ?? []).indices.filter { part in
            Set(entries.map { $0.names[part] }).count > 1
        }
    }

    /// Entries with the parts of their names that tell those of a row apart.
    private static func named(
        _ entries: [OverviewEntry], by parts: Set<Int>
    ) -> [OverviewEntry] {
        entries.map { entry in
            var entry = entry
            entry.name = parts.sorted().map { entry.names[$0] }.joined(separator: ", ")
            return entry
        }
    }

    private static func distinct(_ values: [[String]]) -> [[String]] {
        var seen: Set<[String]> = []
        return values.filter { seen.insert($0).inserted }
    }

    /// One table, or several of as many columns as fit.
    func parts(width: Int) -> [TextTable] {
        if hasJournalRows, columns.count == 1 { return [list] }
        let widths = columns.map { column in
            let texts = entries.filter { $0.column == column }.flatMap {
                [$0.name, $0.figure, $0.words]
            }
            return (texts + [column.joined(separator: " ")]).map(\.count).max() ?? 0
        }
        var parts: [[Int]] = []
        var used = 0
        for (place, columnWidth) in widths.enumerated() {
            if parts.isEmpty || used + columnWidth + 2 > width {
                parts.append([])
                used = 0
            }
            parts[parts.count - 1].append(place)
            used += columnWidth + 2
        }
        return parts.enumerated().map { number, places in
            table(of: places.map { columns[$0] }, isFirst: number == 0)
        }
    }

    private func table(of columns: [[String]], isFirst: Bool) -> TextTable {
        var table = TextTable(indent: 2)
        if !isFirst { table.add(TextParagraph()) }
        if columns != [[]] {
            table.add(columns.map { TextTable.Cell.left($0.joined(separator: " "), .faint) })
        }
        for row in rows {
            let stacks = columns.map { places[[row, $0]] ?? [] }
            let height = stacks.map(\.count).max() ?? 0
            guard height > 0 else { continue }
            table.add(TextParagraph(lead: title(of: row, stacks)))
            for place in 0..<height {
                let line = stacks.map { $0.count > place ? $0[place] : nil }
                if line.contains(where: { $0?.name.isEmpty == false }) {
                    table.add(line.map { TextTable.Cell.left($0?.name ?? "", .strong) })
                }
                table.add(line.map { TextTable.Cell.left($0?.figure ?? "") })
                table.add(line.map { TextTable.Cell.left($0?.words ?? "", $0?.role ?? .plain) })
            }
            for (column, stack) in zip(columns, stacks) {
                let name = columns.count > 1 ? column.joined(separator: " ") : ""
                for entry in stack {
                    let names = [name, entry.name].filter { !$0.isEmpty }
                    let lead = names.isEmpty ? "" : "\(names.joined(separator: ", ")): "
                    for note in entry.notes { table.add(.note("\(lead)\(note)", role: .faint)) }
                }
            }
        }
        return table
    }

    /// One line an entry, below the row's first value.
    private var list: TextTable {
        var table = TextTable(indent: 2)
        var last: String?
        let groups = Dictionary(grouping: rows) { $0[0] }
        for head in Self.distinct(rows.map { [$0[0]] }) {
            for entry in (groups[head[0]] ?? []).flatMap({ places[[$0, columns[0]]] ?? [] }) {
                let title = entry.title ?? head[0]
                if entry.row.count > 1, last != title { table.add(TextParagraph(lead: title)) }
                last = title
                let words = entry.row.count > 1 ? entry.row.dropFirst() : entry.row[...]
                let names = words + (entry.name.isEmpty ? [] : [entry.name])
                table.add(
                    .left(names.joined(separator: ", ")), .left(entry.figure), .left(entry.count),
                    .left(entry.verdict ?? "", entry.role))
                for note in entry.notes { table.add(.note(note, role: .faint)) }
            }
        }
        return table
    }

    private func title(of row: [String], _ stacks: [[OverviewEntry]]) -> String {
        let title = stacks.first { !$0.isEmpty }?.first?.title
        return ([title ?? row.first ?? "all"] + row.dropFirst()).joined(separator: ", ")
    }
}

extension OverviewEntry {
    /// `improved, n=8`.
    fileprivate var words: String {
        [verdict ?? "", count].filter { !$0.isEmpty }.joined(separator: ", ")
    }
}

extension JournalResult {
    /// What it says of each cell.
    var entries: [OverviewEntry] {
        switch self {
        case .verdicts(let report):
            report.cells.map { cell in
                OverviewEntry(
                    plan: cell.plan, figure: cell.shortChangeText, count: "n=\(cell.units)",
                    verdict: cell.outcome.rawValue, role: cell.role,
                    notes: cell.overviewNotes, claim: cell.claim)
            }
        case .run(let report): report.cells.map(report.entry)
        }
    }
}

extension RunReport {
    fileprivate func entry(of cell: CellSummary) -> OverviewEntry {
        let figure: (CellSummary.Spread?, (Double) -> String) =
            switch journal.header.metric == .time ? cell.metric : .instructions {
            case .instructions: (cell.instructions, { "\(Decimal.fixed($0, 1)) instr/op" })
            case .own(let metric): (cell.value, metric.text)
            case .iops: (cell.operationRate, { "\(Decimal.rate($0)) IOPS" })
            case .bandwidth:
                (cell.bandwidth, { "\(Decimal.significant($0 / 1_048_576, 4)) MiB/s" })
            }
        let spread = figure.0?.halfRange.map { " ± \(Decimal.significant($0 * 100, 2))%" }
        return OverviewEntry(
            plan: cell.plan,
            figure: (figure.0?.median).map(figure.1).map { $0 + (spread ?? "") } ?? "-",
            count: "n=\(cell.valid)", role: cell.valid == 0 ? .bad : .plain,
            notes: cell.failure.map { ["could not run: \($0.error.message)"] } ?? [])
    }
}

extension CellVerdict {
    /// What a row of many needs: what its effect is made of, and how it stopped or what it lacks.
    fileprivate var overviewNotes: [String] {
        let told = [Self.earlyStop, Self.workersUnpressured, Self.controlReclaims]
        var notes = told.filter(tags.contains).compactMap { tag in
            text(ofTag: tag).map { "\(tag): \($0)" }
        }
        if outcome == .imagesDiffer {
            let why =
                tags.contains(Self.twoMachines)
                ? Self.machinesText : "code layout alone can make this difference"
            notes.insert("images-differ: \(why)", at: 0)
        }
        return (parts.map { [$0.text] } ?? []) + notes
    }
}
