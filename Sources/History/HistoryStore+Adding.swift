// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import GRDB
import Verdicts

extension HistoryStore {
    /// What became of an experiment that was to be added.
    package enum Addition: String, Sendable, CaseIterable {
        /// It is new.
        case added
        /// It takes the place of an entry with as many slices or fewer: its journal was resumed, or
        /// judged by this version or a newer one.
        case replaced
        /// It is there already.
        case unchanged
        /// The store has an entry of the same journal with more slices, and keeps it.
        case older
        /// The store has an entry of the same journal that a newer version judged, and keeps it.
        case judgedByOlder = "judged-by-older"
    }

    /// Adds experiments, all or none of them.
    ///
    /// - Returns: what became of each.
    package func add(_ entries: [HistoryEntry]) throws(PlumblineError) -> [Addition] {
        try writing { db in try entries.map { try Self.add($0, to: db) } }
    }

    private static func add(_ entry: HistoryEntry, to db: Database) throws -> Addition {
        let number = try Int64.fetchOne(
            db.cachedStatement(
                sql: "SELECT number FROM experiment WHERE id = ? AND started_at_ns = ?"),
            arguments: [entry.experiment.id, entry.experiment.startedAt])
        guard let number, let stored = try HistoryEntry.fetch(number, from: db) else {
            try entry.insert(into: db)
            return .added
        }
        if stored == entry { return .unchanged }
        guard entry.isJudged(noEarlierThan: stored) else { return .judgedByOlder }
        guard stored.experiment.slices <= entry.experiment.slices else { return .older }
        try db.execute(sql: "DELETE FROM experiment WHERE number = ?", arguments: [number])
        try entry.insert(into: db)
        return .replaced
    }
}
