// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

extension SuiteRecord {
    /// The suite with only those cells whose name, full or short, fits one of the patterns; all without a pattern.
    ///
    /// - Throws: `usage` for a pattern that fits no cell, naming some that there are.
    public func selecting(_ patterns: [String]) throws(PlumblineError) -> SuiteRecord {
        guard !patterns.isEmpty else { return self }
        let globs = patterns.map(Glob.init)
        func fits(_ cell: CellPlan, _ glob: Glob) -> Bool {
            glob.matches(cell.name) || glob.matches(cell.label)
        }
        for (pattern, glob) in zip(patterns, globs)
        where !cells.contains(where: { fits($0, glob) }) {
            let some = cells.prefix(5).map(\.name).joined(separator: "\n    ")
            throw .usage(
                "--cells '\(pattern)' matches none of the cells of \(name)",
                remedy: "there are:\n    \(some)"
                    + (cells.count > 5 ? "\n    … see all with --list" : ""))
        }
        var selected = self
        selected.cells = cells.filter { cell in globs.contains { fits(cell, $0) } }
        return selected
    }
}
