// SPDX-License-Identifier: GPL-3.0-or-later

extension [VerdictReport] {
    /// The reports with the cells of all of them held against one error rate.
    package func adjustedTogether() -> [VerdictReport] {
        var cells = flatMap(\.cells)
        // What was taken back within its journal, for fewer cells, may come again by the procedure
        // for many; else it keeps its tag.
        let tagged = cells.indices.filter { cells[$0].tags.contains(CellMatrix.tag) }
        for index in tagged { cells[index].tags.removeAll { $0 == CellMatrix.tag } }
        CellMatrix.adjust(&cells, level: first?.comparison.alpha ?? 0.05)
        for index in tagged where !cells[index].outcome.isDifference {
            if !cells[index].tags.contains(CellMatrix.tag) {
                cells[index].tags.append(CellMatrix.tag)
            }
        }
        var rest = cells[...]
        return map { report in
            var report = report
            report.cells = [CellVerdict](rest.prefix(report.cells.count))
            rest = rest.dropFirst(report.cells.count)
            return report
        }
    }
}
