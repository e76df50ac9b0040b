// SPDX-License-Identifier: GPL-3.0-or-later

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
        self.journal = journal
        self.exitCode = exitCode
        let (plans, places) = (journal.header.suite.cells, journal.slicePlaces)
        cells = Parallel.map(plans.count) { cell in
            CellSummary(plans[cell], places[cell].map { journal.slices[$0] }, in: journal)
        }
    }
}
