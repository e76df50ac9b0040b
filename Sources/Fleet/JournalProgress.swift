// SPDX-License-Identifier: GPL-3.0-or-later

import Journal

/// How much of its plan a journal holds.
package struct JournalProgress: Sendable, Equatable {
    /// `rounds`, `blocks` or `slices`.
    package let unit: String
    /// How many there are, void ones left out where they are rounds.
    package let done: Int
    /// How many were planned; nil where a decision alone ends it.
    package let planned: Int?
    /// Whether everything planned was tried.
    package let isFinished: Bool

    package init(_ journal: StoredJournal) {
        let plan = journal.header.plan
        isFinished = journal.ending?.state == .finished
        guard let comparison = plan.comparison else {
            unit = "slices"
            done = journal.sliceCount
            planned = plan.suite.slices * plan.suite.cells.count
            return
        }
        let isOpen = comparison.rule == .untilDecided
        if plan.bootsRounds {
            unit = "rounds"
            let void = journal.voidRounds.map(\.round)
            done = Set(journal.rounds.map(\.round)).subtracting(void).count
            planned = isOpen ? nil : plan.plannedUnits
        } else {
            unit = "blocks"
            done =
                plan.suite.cells.indices.reduce(0) {
                    $0 + journal.slices(of: $1).count { !$0.isWarmup }
                } / 4
            planned = isOpen ? nil : comparison.blocks * plan.suite.cells.count
        }
    }
}
