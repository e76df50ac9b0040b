// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Verdicts

/// What each patch of a series changed, and the whole of it.
public struct SeriesReport: Sendable {
    /// A patch.
    public struct Patch: Sendable {
        /// Its commit.
        package let commit: Commit
        /// Why its kernel was not built; nil for one that was.
        package let error: PlumblineError?

        /// - Parameter error: why its kernel was not built; nil for one that was.
        package init(_ commit: Commit, error: PlumblineError?) {
            self.commit = commit
            self.error = error
        }
    }

    /// A comparison of two kernels of the series.
    struct Row: Sendable {
        /// A patch's number, from 1, or `all`.
        var name: String
        var a: Commit
        var b: Commit
        var report: VerdictReport
    }

    private static let whole = "all"

    private let base: Commit
    private let patches: [Patch]
    private let rows: [Row]
    private let journals: String
    /// Whether the command was interrupted before everything was compared.
    public var isInterrupted = false
    /// Whether inconclusive cells leave the exit code at 0.
    public var inconclusiveIsOK = false

    /// - Parameters:
    ///   - comparisons: patches with the commits before them, and the last patch with the base where
    ///     there are several. Their cells are held against one error rate.
    ///   - journals: the directory of the journals.
    package init(
        base: Commit, patches: [Patch],
        comparisons: [(a: Commit, b: Commit, report: VerdictReport)],
        journals: String
    ) {
        self.base = base
        self.patches = patches
        self.journals = journals
        let reports = comparisons.map(\.report).adjustedTogether()
        let commits = patches.map(\.commit)
        var seen: Set<Commit> = []
        rows = zip(comparisons, reports).map { comparison, report in
            // The last patch comes a second time, against the base.
            let number =
                seen.insert(comparison.b).inserted ? commits.firstIndex(of: comparison.b) : nil
            return Row(
                name: number.map { "\($0 + 1)" } ?? Self.whole, a: comparison.a, b: comparison.b,
                report: report)
        }
    }

    /// 130 for an interrupted command, else that of the worst comparison: 5 before 3, 3 before 4; 1
    /// where a patch was not built and nothing is worse.
    public var exitCode: Int32 {
        if isInterrupted { return 130 }
        let codes = rows.map(\.report.exitCode)
        let worst = [5, 3, 4].first(where: codes.contains) ?? 0
        if worst != 0, worst != 4 || !inconclusiveIsOK { return worst }
        return patches.contains { $0.error != nil } ? 1 : 0
    }
}

extension SeriesReport: Report {
    package var page: TextPage {
        var page = TextPage()
        page.add(
            TextParagraph(
                lead: patches.count == 1 ? "1 patch" : "\(patches.count) patches",
                " on \(base)", hanging: 2))
        page.add(list)
        for cells in panels {
            page.add()
            page.add(table(of: cells))
        }
        page.add()
        page.add(TextParagraph(reading, role: .faint))
        if rows.contains(where: \.report.hasEarlyStop) {
            page.add(TextParagraph(VerdictReport.earlyStop))
        }
        if rows.contains(where: \.report.header.isEmulated) {
            page.add(TextParagraph(JournalHeader.emulation))
        }
        page.add(TextParagraph("journals: \(journals)"))
        return page
    }

    private var list: TextTable {
        var table = TextTable(indent: 2)
        for (index, patch) in patches.enumerated() {
            table.add(
                .right("\(index + 1)"), .left(patch.commit.short), .left(patch.commit.subject))
            if let error = patch.error {
                table.add(.note("not built: \(error.message)", role: .bad))
            }
        }
        return table
    }

    /// The places of the cells in the suite, as many together as fit into a page.
    private var panels: [[Int]] {
        guard let cells = rows.first?.report.cells else { return [] }
        var panels: [[Int]] = []
        var used = 0
        for (place, cell) in cells.enumerated() {
            let texts = rows.map { $0.report.cells[place].changeWithVerdict.count }
            let width = 2 + max(texts.max() ?? 0, cell.plan.label.count)
            if panels.isEmpty || used + width > TextPage.width {
                panels.append([])
                used = 2 + Self.nameWidth
            }
            panels[panels.count - 1].append(place)
            used += width
        }
        return panels
    }

    private static let nameWidth = "12 (10)".count

    private func table(of places: [Int]) -> TextTable {
        var table = TextTable(indent: 2)
        let titles = places.map { TextTable.Cell.left(rows[0].report.cells[$0].plan.label, .faint) }
        table.add([TextTable.Cell.left("")] + titles)
        for row in rows {
            table.add(
                [TextTable.Cell.left(name(of: row))]
                    + places.map { place in
                        let cell = row.report.cells[place]
                        return TextTable.Cell.left(cell.changeWithVerdict, cell.role)
                    })
        }
        return table
    }

    /// `3`, or `3 (1)` for a patch that is compared with patch 1; 0 is the base.
    private func name(of row: Row) -> String {
        guard let number = Int(row.name) else { return row.name }
        let before = (patches.firstIndex { $0.commit == row.a } ?? -1) + 1
        return before == number - 1 ? row.name : "\(row.name) (\(before))"
    }

    private var reading: String {
        let isAcross = rows.contains { name(of: $0).contains("(") }
        return "Each row: a patch against the one before it"
            + (isAcross ? ", or against the one in brackets (0: the base)" : "")
            + (rows.contains { $0.name == Self.whole }
                ? "; all: the last one against the base" : "")
            + ". The change and its interval; ~ where no difference is shown."
            + CellMatrix.sentence(rows.flatMap(\.report.cells))
    }

    package var document: JSONObject {
        let listed = patches.map { patch in
            JSONObject(["commit": patch.commit, "error": patch.error?.message])
        }
        let compared = rows.map { row in
            JSONObject(["name": row.name, "a": row.a, "b": row.b, "report": row.report.document])
        }
        return JSONObject([
            "schema": "plumbline.series/1", "base": base, "patches": listed, "rows": compared,
            "journals": journals, "exit_code": exitCode,
        ])
    }
}
