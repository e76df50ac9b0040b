// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import GRDB
import Verdicts

extension HistoryStore {
    /// Which experiments and cells are meant; an absent part means all.
    package struct Filter: Sendable {
        /// Fits the suite's name.
        package var suite: Glob?
        /// Fits a part of the machine's description.
        package var machine: Glob?
        /// Fits a cell's name, full or short.
        package var cell: Glob?

        /// Patterns as a user gives them.
        package init(suite: String? = nil, machine: String? = nil, cell: String? = nil) {
            self.suite = suite.map { Glob($0) }
            self.machine = machine.map { Glob("*\($0)*") }
            self.cell = cell.map { Glob($0) }
        }

        fileprivate func fits(_ experiment: HistoryEntry.Experiment) -> Bool {
            (suite?.matches(experiment.suite) ?? true)
                && (machine?.matches(experiment.machine) ?? true)
        }
    }

    /// The experiments, the newest first.
    ///
    /// - Parameter limit: how many at most; nil for all.
    package func list(
        _ filter: Filter = Filter(), limit: Int? = nil
    ) throws(PlumblineError) -> [HistoryListing] {
        try reading { db in
            let numbers = try filter.cell.map { try Self.numbers(withCell: $0, in: db) }
            var list: [HistoryListing] = []
            let rows = try Row.fetchCursor(
                db, sql: "SELECT * FROM experiment ORDER BY started_at_ns DESC, number DESC")
            while list.count < limit ?? .max, let row = try rows.next() {
                let number: Int64 = row["number"]
                guard numbers?.contains(number) ?? true else { continue }
                let experiment = try HistoryEntry.Experiment(row: row)
                guard filter.fits(experiment) else { continue }
                list.append(
                    HistoryListing(
                        experiment: experiment, arms: try HistoryEntry.arms(of: number, in: db),
                        verdicts: try Self.verdicts(of: number, in: db)))
            }
            return list
        }
    }

    private static func verdicts(of number: Int64, in db: Database) throws -> [String: Int] {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT verdict, count(*) FROM cell WHERE experiment = ? GROUP BY verdict"),
            arguments: [number])
        var verdicts: [String: Int] = [:]
        for row in rows {
            let verdict: String = row[0]
            let count: Int = row[1]
            verdicts[verdict] = count
        }
        return verdicts
    }

    /// Names that a store has.
    package enum Names: String, Sendable {
        /// Those of suites.
        case suites = "SELECT DISTINCT suite FROM experiment"
        /// Those of cells, short ones where there are.
        case cells = "SELECT DISTINCT coalesce(short_name, name) FROM cell"
        /// The experiments' ids.
        case ids = "SELECT DISTINCT id FROM experiment"
    }

    /// All names of a kind, in any order.
    package func all(_ names: Names) throws(PlumblineError) -> [String] {
        try reading { db in try String.fetchAll(db, sql: names.rawValue) }
    }

    /// The experiments whose id begins so, at most `limit` of them, the oldest first.
    package func experiments(
        withPrefix prefix: String, limit: Int
    ) throws(PlumblineError) -> [HistoryEntry] {
        try reading { db in
            // substr, not LIKE: an id may have `%` and `_`.
            try Int64.fetchAll(
                db,
                sql: """
                    SELECT number FROM experiment WHERE substr(id, 1, length(:prefix)) = :prefix
                    ORDER BY id <> :prefix, started_at_ns LIMIT :limit
                    """, arguments: ["prefix": prefix, "limit": limit]
            ).compactMap { try HistoryEntry.fetch($0, from: db) }
        }
    }

    /// Hands over every experiment, the oldest first, until `body` returns false.
    package func forEach(
        _ body: (HistoryEntry) throws -> Bool
    ) throws(PlumblineError) {
        try reading { db in
            let numbers = try Int64.fetchCursor(
                db, sql: "SELECT number FROM experiment ORDER BY started_at_ns, number")
            while let number = try numbers.next() {
                guard let entry = try HistoryEntry.fetch(number, from: db) else { continue }
                guard try body(entry) else { return }
            }
        }
    }

    /// What the experiments say of cells that fit, in the order in which they began, cell by cell.
    package func points(
        _ filter: Filter
    ) throws(PlumblineError) -> [(key: HistorySeries.Key, point: HistorySeries.Point)] {
        try reading { db in
            let cells = try Self.names(fitting: filter.cell ?? Glob("*"), in: db)
            return try cells.flatMap { try Self.points(of: $0, filter, in: db) }
        }
    }

    /// The same of cells with these full names.
    package func points(
        ofCells names: [String]
    ) throws(PlumblineError) -> [(key: HistorySeries.Key, point: HistorySeries.Point)] {
        try reading { db in try names.flatMap { try Self.points(of: $0, Filter(), in: db) } }
    }

    private static func names(fitting cell: Glob, in db: Database) throws -> [String] {
        var names: [String] = []
        for row in try Row.fetchAll(
            db, sql: "SELECT DISTINCT name, short_name FROM cell ORDER BY name")
        {
            let name: String = row["name"]
            let shortName: String? = row["short_name"]
            let fits = cell.matches(name) || shortName.map(cell.matches) ?? false
            if fits, names.last != name { names.append(name) }
        }
        return names
    }

    private static func numbers(withCell cell: Glob, in db: Database) throws -> Set<Int64> {
        var numbers: Set<Int64> = []
        for name in try names(fitting: cell, in: db) {
            numbers.formUnion(
                try Int64.fetchSet(
                    db, sql: "SELECT experiment FROM cell WHERE name = ?", arguments: [name]))
        }
        return numbers
    }

    private static func points(
        of name: String, _ filter: Filter, in db: Database
    ) throws -> [(key: HistorySeries.Key, point: HistorySeries.Point)] {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT e.*, a.label AS baseline, a.kernel_release AS baseline_release,
                    a.settings AS baseline_settings, b.label AS candidate, b.kernel_release,
                    b.settings, c.name, c.short_name, c.unit, c.verdict, c.effect_percent,
                    c.interval_low_percent, c.interval_high_percent, c.mde80_percent, c.a_rate,
                    c.b_rate
                FROM cell AS c JOIN experiment AS e ON e.number = c.experiment
                JOIN arm AS a ON a.experiment = e.number AND a.arm = 'A'
                JOIN arm AS b ON b.experiment = e.number AND b.arm = 'B'
                WHERE c.name = ? ORDER BY e.started_at_ns, e.number
                """, arguments: [name])
        var points: [(key: HistorySeries.Key, point: HistorySeries.Point)] = []
        while let row = try rows.next() {
            let experiment = try HistoryEntry.Experiment(row: row)
            guard filter.fits(experiment) else { continue }
            let key = HistorySeries.Key(
                cell: name, of: experiment,
                a: .init(
                    label: row["baseline"], kernelRelease: row["baseline_release"],
                    settings: row["baseline_settings"]),
                b: .init(
                    label: row["candidate"], kernelRelease: row["kernel_release"],
                    settings: row["settings"]))
            points.append((key, try HistorySeries.Point(row: row)))
        }
        return points
    }
}
