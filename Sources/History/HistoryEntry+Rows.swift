// SPDX-License-Identifier: GPL-3.0-or-later

import GRDB
import Verdicts

// Each part has a table, whose columns have the names of the export's fields.
extension HistoryEntry.Experiment: FetchableRecord, PersistableRecord {
    package static var databaseTableName: String { "experiment" }
}
extension HistoryEntry.Arm: EncodableRecord, FetchableRecord {}
extension HistoryEntry.Cell: EncodableRecord, FetchableRecord {}
extension HistorySeries.Point: FetchableRecord {}

/// A row of the table of arms.
struct ArmRow: PersistableRecord {
    static let databaseTableName = "arm"
    let experiment: Int64
    let arm: HistoryEntry.Arm

    func encode(to container: inout PersistenceContainer) throws {
        try arm.encode(to: &container)
        container["experiment"] = experiment
    }
}

/// A row of the table of cells.
struct CellRow: PersistableRecord {
    static let databaseTableName = "cell"
    let experiment: Int64
    /// The cell's place in the suite.
    let place: Int
    let cell: HistoryEntry.Cell

    func encode(to container: inout PersistenceContainer) throws {
        try cell.encode(to: &container)
        container["experiment"] = experiment
        container["place"] = place
    }
}

extension HistoryEntry {
    /// The stored experiment of a number.
    static func fetch(_ number: Int64, from db: Database) throws -> HistoryEntry? {
        guard
            let experiment = try Experiment.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM experiment WHERE number = ?"),
                arguments: [number])
        else { return nil }
        return HistoryEntry(
            experiment: experiment,
            arms: try arms(of: number, in: db),
            cells: try Cell.fetchAll(
                db.cachedStatement(sql: "SELECT * FROM cell WHERE experiment = ? ORDER BY place"),
                arguments: [number]))
    }

    /// The arms of the stored experiment of a number.
    static func arms(of number: Int64, in db: Database) throws -> [Arm] {
        try Arm.fetchAll(
            db.cachedStatement(sql: "SELECT * FROM arm WHERE experiment = ? ORDER BY arm"),
            arguments: [number])
    }

    /// Stores the experiment under a new number.
    func insert(into db: Database) throws {
        try experiment.insert(db)
        let number = db.lastInsertedRowID
        for arm in arms { try ArmRow(experiment: number, arm: arm).insert(db) }
        for (place, cell) in cells.enumerated() {
            try CellRow(experiment: number, place: place, cell: cell).insert(db)
        }
    }
}
