// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import GRDB
import LabSupport
import Testing

@testable import History
@testable import Verdicts

@Suite("Older stores become this version's, and newer ones are refused") struct MigrationTests {
    private let scratch: Scratch
    private var path: String { "\(scratch.path)/history.sqlite" }

    init() throws { scratch = try Scratch() }

    /// A store as version 1 made it, with an experiment.
    private static let first = """
        PRAGMA application_id = 1886154082;
        CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
        INSERT INTO grdb_migrations VALUES ('1');
        CREATE TABLE experiment (number INTEGER PRIMARY KEY, id TEXT NOT NULL,
            started_at_ns INTEGER NOT NULL, kind TEXT NOT NULL, suite TEXT NOT NULL,
            metric TEXT NOT NULL, tool_version TEXT NOT NULL, judged_by TEXT NOT NULL,
            machine TEXT NOT NULL, slices INTEGER NOT NULL, ending TEXT,
            exit_code INTEGER NOT NULL, UNIQUE (id, started_at_ns));
        CREATE TABLE arm (experiment INTEGER NOT NULL REFERENCES experiment ON DELETE CASCADE,
            arm TEXT NOT NULL, label TEXT NOT NULL, kernel_release TEXT NOT NULL, build_id TEXT,
            commit_hash TEXT, target TEXT, PRIMARY KEY (experiment, arm)) WITHOUT ROWID;
        CREATE TABLE cell (experiment INTEGER NOT NULL REFERENCES experiment ON DELETE CASCADE,
            place INTEGER NOT NULL, name TEXT NOT NULL, metric TEXT NOT NULL, unit TEXT NOT NULL,
            verdict TEXT NOT NULL, effect_percent REAL, interval_low_percent REAL,
            interval_high_percent REAL, confidence REAL, p_value REAL, p_adjusted REAL,
            units INTEGER NOT NULL, unit_kind TEXT NOT NULL, between_boot_sd_percent REAL,
            within_boot_sd_percent REAL, unit_sd_percent REAL, mde80_percent REAL,
            no_difference_larger_than_percent REAL, a_rate REAL, b_rate REAL, a_p99_ns INTEGER,
            b_p99_ns INTEGER, a_p99_9_ns INTEGER, b_p99_9_ns INTEGER,
            a_void_slices INTEGER NOT NULL, b_void_slices INTEGER NOT NULL, tags TEXT NOT NULL,
            PRIMARY KEY (experiment, place)) WITHOUT ROWID;
        INSERT INTO experiment VALUES (7, '20260101T000000Z-1', 1767225600000000000, 'ab', 'demo',
            'time', '0.3.0', '0.3.0', 'Example CPU, x86_64, 2 CPUs, 1 GiB', 64, 'finished', 3);
        INSERT INTO arm VALUES (7, 'A', '6.12', '6.12.0', NULL, NULL, NULL),
            (7, 'B', 'next', '6.13.0', 'ab12', '0123456789ab', 'qemu');
        INSERT INTO cell (experiment, place, name, metric, unit, verdict, effect_percent, units,
            unit_kind, a_void_slices, b_void_slices, tags)
            VALUES (7, 0, 'pipe/1w1r/4KiB/none', 'throughput', 'bytes/s', 'regressed', -5.5, 8,
            'rounds', 0, 1, '["tail-shift"]');
        """

    @Test("a store of version 1 is read, added to, and found by cell")
    func older() throws {
        try DatabaseQueue(path: path).write { try $0.execute(sql: Self.first) }
        let read = try HistoryStore(path, for: .reading)
        let old = try #require(try read.experiments(withPrefix: "2026", limit: 2).first)
        #expect(old.experiment.exitCode == 3)
        #expect(old.arms.map(\.label) == ["6.12", "next"])
        #expect(old.arms[1].commit == "0123456789ab")
        #expect(old.cells[0].effect == -5.5)
        #expect(old.cells[0].label == "pipe/1w1r/4KiB/none")
        #expect(old.cells[0].tags == ["tail-shift"])
        #expect(try read.points(.init(cell: "pipe/*")).count == 1)
        let store = try HistoryStore(path, for: .adding)
        #expect(try store.add([old, SampleEntries.entry(1, effect: 0)]) == [.unchanged, .added])
    }

    @Test("tables of version 1 are those that this version began with")
    func firstStep() throws {
        try DatabaseQueue(path: path).write { try $0.execute(sql: Self.first) }
        func columns(_ path: String) throws -> [[String]] {
            try DatabaseQueue(path: path).read { db in
                try ["experiment", "arm", "cell"].map { table in
                    try db.columns(in: table).map { "\($0.name) \($0.type) \($0.isNotNull)" }
                }
            }
        }
        _ = try HistoryStore(path, for: .reading)
        let fresh = "\(scratch.path)/fresh.sqlite"
        _ = try HistoryStore(fresh, for: .adding)
        #expect(try columns(path) == columns(fresh))
    }

    /// What version 2 added.
    private static let second = """
        INSERT INTO grdb_migrations VALUES ('2');
        ALTER TABLE cell ADD COLUMN short_name TEXT;
        CREATE INDEX cell_name ON cell (name, short_name, experiment);
        CREATE INDEX experiment_start ON experiment (started_at_ns);
        UPDATE experiment SET machine = 'CPU, x86_64, 2 CPUs, 24 GiB; guest: q35, kvm, 1 CPU, 1 GiB';
        """

    @Test("entries of version 2 are a series of their own until their journals are added again")
    func unknownSettings() throws {
        try DatabaseQueue(path: path).write { try $0.execute(sql: Self.first + Self.second) }
        let store = try HistoryStore(path, for: .adding)
        var entry = try #require(try store.experiments(withPrefix: "2026", limit: 2).first)
        #expect(entry.arms.map(\.settings) == [nil, nil] && entry.arms[1].voidRounds == nil)
        #expect(
            entry.experiment.machine == "CPU, x86_64, 2 CPUs, 24 GiB; guest: q35, kvm, 1 CPU, 1GiB")
        let old = entry
        for arm in 0..<2 { entry.arms[arm].settings = "init_on_alloc=1" }
        var other = entry
        other.experiment.id = "another"
        other.experiment.startedAt += 1
        #expect(try store.add([other]) == [.added])
        func series() throws -> [Int] {
            HistorySeries.sorted(try store.points(.init())).map(\.points.count)
        }
        #expect(try series() == [1, 1])
        #expect(try store.add([entry]) == [.replaced])
        #expect(try series() == [2])
        #expect(try store.add([old]) == [.judgedByOlder])
    }

    @Test("a newer store is refused and stays as it is")
    func newer() throws {
        _ = try HistoryStore(path, for: .adding).add([SampleEntries.entry(1, effect: 0)])
        try DatabaseQueue(path: path).write {
            try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('5')")
        }
        for access in [HistoryStore.Access.reading, .adding] {
            let error = try #require(
                failure { () throws(PlumblineError) in _ = try HistoryStore(path, for: access) })
            #expect(error.message.hasPrefix("\(path): its version is 5; this is plumbline "))
            #expect(error.remedy.contains("history export"))
            #expect(error.exitCode == 1)
        }
    }
}
