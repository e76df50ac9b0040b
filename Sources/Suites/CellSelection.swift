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
            let near = cells.nearest(to: pattern).map { "did you mean '\($0)'? " } ?? ""
            throw .usage(
                "--cells '\(pattern)' matches none of the cells of \(name)",
                remedy: "\(near)there are:\n    \(some)"
                    + (cells.count > 5 ? "\n    … see all with --list" : ""))
        }
        var selected = self
        selected.cells = cells.filter { cell in globs.contains { fits(cell, $0) } }
        return selected
    }
}

extension [CellPlan] {
    /// The pattern with each word that no cell has replaced by the nearest one; nil unless that fits a
    /// cell.
    func nearest(to pattern: String) -> String? {
        let names = flatMap { [$0.name, $0.label] }
        let words = Set(names.flatMap { $0.split(whereSeparator: Self.separates).map(String.init) })
        var corrected = ""
        var rest = pattern[...]
        while let first = rest.first {
            let word = String(rest.prefix { !Self.separates($0) })
            let isKnown = word.isEmpty || names.contains { $0.contains(word) }
            corrected += isKnown ? word : Spelling.nearest(to: word, among: words.sorted()) ?? word
            if word.isEmpty { corrected.append(first) }
            rest = rest.dropFirst(Swift.max(1, word.count))
        }
        let glob = Glob(corrected)
        return names.contains(where: glob.matches) ? corrected : nil
    }

    /// Whether it parts the words of cells' names, or is special in a pattern.
    private static func separates(_ character: Character) -> Bool { "/ :=*?[]".contains(character) }
}
