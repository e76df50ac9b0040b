// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal

/// What a run's journal says of one kernel: rates and latency of each cell.
public struct RunReport: Sendable {
    /// The journal.
    let journal: StoredJournal
    /// The command's exit code.
    var exitCode: Int32
    /// The cells in the order of the suite.
    public internal(set) var cells: [CellSummary]

    /// Sums a journal up.
    public init(_ journal: StoredJournal, exitCode: Int32) {
        self.exitCode = exitCode
        let plans = journal.header.suite.cells
        let answers = Parallel.map(plans.count) { place in
            var damage: PlumblineError?
            let cell = CellSummary(
                plans[place], journal.slices(of: place), in: journal, damage: &damage)
            return (cell: cell, damage: damage)
        }
        cells = answers.map(\.cell)
        var whole = journal
        if let damage = answers.compactMap(\.damage).first {
            whole.warnings.append("\(damage.message): figures are missing")
        }
        self.journal = whole
    }
}
