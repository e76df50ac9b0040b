// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import GRDB

/// The tables of a store, and how those of older versions become this version's.
///
/// A step that was released is never changed: a new version appends one.
enum HistorySchema {
    /// What SQLite keeps in the file's header for `file(1)` and for us: `plmb`.
    static let application: Int32 = 0x706c_6d62

    /// The steps, each with the number of the version that it leads to.
    private static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { try $0.execute(sql: first) }
        migrator.registerMigration("2") { try $0.execute(sql: second) }
        migrator.registerMigration("3") { try $0.execute(sql: third) }
        migrator.registerMigration("4") { try $0.execute(sql: fourth) }
        return migrator
    }()

    /// Makes the tables in an empty file, or brings an older store's to this version.
    ///
    /// - Throws: `failure` for a file of another program and a store of a newer version.
    static func settle(_ queue: DatabaseQueue, path: String) throws {
        let isCurrent = try queue.read { db in
            let application = try Int32.fetchOne(db, sql: "PRAGMA application_id")
            // The migrator's own table comes before the first migration: a process that is killed
            // between the two leaves it alone.
            let others = "SELECT count(*) FROM sqlite_master WHERE tbl_name <> 'grdb_migrations'"
            let tables = try Int.fetchOne(db, sql: others) ?? 0
            guard application == Self.application || application == 0 && tables == 0 else {
                throw PlumblineError.failure(
                    "\(path): it is the database of another program",
                    remedy: "name a history's file by --store")
            }
            guard try !migrator.hasBeenSuperseded(db) else {
                let known = Set(migrator.migrations)
                let newest = try migrator.appliedIdentifiers(db).subtracting(known).sorted().last
                throw PlumblineError.failure(
                    "\(path): its version is \(newest ?? "newer"); this is plumbline "
                        + "\(plumblineVersion), which reads up to version "
                        + "\(migrator.migrations.last ?? "")",
                    remedy: "use the newer plumbline that wrote it; its `history export` may "
                        + "write what this one can import into another --store")
            }
            return try migrator.hasCompletedMigrations(db)
        }
        guard !isCurrent else { return }
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL") }
        try migrator.migrate(queue)
    }

    private static let first = """
        PRAGMA application_id = \(application);
        CREATE TABLE experiment (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            started_at_ns INTEGER NOT NULL,
            kind TEXT NOT NULL,
            suite TEXT NOT NULL,
            metric TEXT NOT NULL,
            tool_version TEXT NOT NULL,
            judged_by TEXT NOT NULL,
            machine TEXT NOT NULL,
            slices INTEGER NOT NULL,
            ending TEXT,
            exit_code INTEGER NOT NULL,
            UNIQUE (id, started_at_ns)
        );
        CREATE TABLE arm (
            experiment INTEGER NOT NULL REFERENCES experiment ON DELETE CASCADE,
            arm TEXT NOT NULL,
            label TEXT NOT NULL,
            kernel_release TEXT NOT NULL,
            build_id TEXT,
            commit_hash TEXT,
            target TEXT,
            PRIMARY KEY (experiment, arm)
        ) WITHOUT ROWID;
        CREATE TABLE cell (
            experiment INTEGER NOT NULL REFERENCES experiment ON DELETE CASCADE,
            place INTEGER NOT NULL,
            name TEXT NOT NULL,
            metric TEXT NOT NULL,
            unit TEXT NOT NULL,
            verdict TEXT NOT NULL,
            effect_percent REAL,
            interval_low_percent REAL,
            interval_high_percent REAL,
            confidence REAL,
            p_value REAL,
            p_adjusted REAL,
            units INTEGER NOT NULL,
            unit_kind TEXT NOT NULL,
            between_boot_sd_percent REAL,
            within_boot_sd_percent REAL,
            unit_sd_percent REAL,
            mde80_percent REAL,
            no_difference_larger_than_percent REAL,
            a_rate REAL,
            b_rate REAL,
            a_p99_ns INTEGER,
            b_p99_ns INTEGER,
            a_p99_9_ns INTEGER,
            b_p99_9_ns INTEGER,
            a_void_slices INTEGER NOT NULL,
            b_void_slices INTEGER NOT NULL,
            tags TEXT NOT NULL,
            PRIMARY KEY (experiment, place)
        ) WITHOUT ROWID;
        """

    /// Names for people, and what a cell's trend is found by.
    private static let second = """
        ALTER TABLE cell ADD COLUMN short_name TEXT;
        CREATE INDEX cell_name ON cell (name, short_name, experiment);
        CREATE INDEX experiment_start ON experiment (started_at_ns);
        """

    /// What tells series apart, and lost machines. Older entries do not say it until their journals
    /// are added again. A guest's memory is spelled as everywhere.
    private static let third = """
        ALTER TABLE arm ADD COLUMN settings TEXT;
        ALTER TABLE arm ADD COLUMN void_rounds INTEGER;
        UPDATE experiment SET machine = substr(machine, 1, length(machine) - 4) || 'GiB'
            WHERE machine LIKE '%; guest: % GiB';
        """

    /// Which direction of a foreign program's metric is good.
    private static let fourth = "ALTER TABLE cell ADD COLUMN better TEXT;"
}
