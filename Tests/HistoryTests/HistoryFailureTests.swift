// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import GRDB
import LabSupport
import Linux
import Testing

@testable import History
@testable import Verdicts

@Suite("A store that cannot be used is refused with what to do") struct HistoryFailureTests {
    private let scratch: Scratch
    private var path: String { "\(scratch.path)/history.sqlite" }

    init() throws { scratch = try Scratch() }

    private func fill() throws {
        let entries = (0..<40).map { SampleEntries.entry($0, effect: 0) }
        _ = try HistoryStore(path, for: .adding).add(entries)
    }

    private func refusal(
        _ access: HistoryStore.Access = .reading, of path: String? = nil
    ) -> PlumblineError? {
        failure { () throws(PlumblineError) in
            try HistoryStore(path ?? self.path, for: access, patience: 0.1)
                .add([SampleEntries.entry(99, effect: 0)])
        }
    }

    @Test("missing: nothing is made by reading")
    func missing() throws {
        let error = try #require(refusal())
        #expect(error.kind == .usage)
        #expect(error.message == "\(path): there is no such history")
        #expect(!SystemFile.exists(path))
    }

    @Test("a directory, and a device")
    func directory() throws {
        let error = try #require(refusal(.adding, of: scratch.path))
        #expect(error.message == "\(scratch.path): it is a directory")
        #expect(refusal(.adding, of: "/dev/full")?.message == "/dev/full: it is not a regular file")
    }

    @Test("a directory that cannot be made")
    func noDirectory() throws {
        try scratch.file("file", "")
        let error = try #require(refusal(.adding, of: "\(scratch.path)/file/h.sqlite"))
        #expect(error.message.contains("cannot"), "\(error)")
        #expect(error.kind == .failure)
    }

    @Test("a file that is no database")
    func foreignFile() throws {
        try scratch.file("history.sqlite", String(repeating: "no database\n", count: 1000))
        for access in [HistoryStore.Access.reading, .adding] {
            let error = try #require(refusal(access))
            #expect(error.message.hasPrefix("\(path): it is not a history of plumbline"))
            #expect(error.kind == .failure)
        }
    }

    @Test("a store whose making was killed before its first table is made by the next command")
    func halfMade() throws {
        try DatabaseQueue(path: path).write {
            try $0.execute(
                sql: "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
        }
        #expect(refusal(.adding) == nil)
        #expect(refusal(.reading) == nil)
    }

    @Test("the database of another program stays as it is")
    func foreignDatabase() throws {
        try DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE TABLE bookmark (url)") }
        let before = try SystemFile.readBytes(path)
        let error = try #require(refusal(.adding))
        #expect(error.message == "\(path): it is the database of another program")
        #expect(try SystemFile.readBytes(path) == before)
    }

    @Test("damaged: pages that are overwritten")
    func damaged() throws {
        try fill()
        let size = try Descriptor.open(path).facts().size
        let file = try Descriptor.open(path, .write)
        let noise = [UInt8](repeating: 0xa5, count: size - 4096)
        _ = try noise.withUnsafeBytes { try file.write($0, at: 4096) }
        let error = try #require(refusal())
        #expect(error.message.hasPrefix("\(path): it is damaged: "), "\(error)")
        #expect(!error.remedy.isEmpty)
        #expect(error.exitCode == 1)
    }

    @Test("locked by another process for longer than the patience")
    func locked() throws {
        try fill()
        let other = try DatabaseQueue(path: path)
        try other.writeWithoutTransaction { db in
            try db.execute(sql: "BEGIN EXCLUSIVE")
            let error = try #require(refusal(.adding))
            #expect(
                error.message == "\(path): another process has locked it for 0.1 s", "\(error)")
            #expect(error.remedy.contains("fuser"))
            // In the write-ahead log readers wait for nobody.
            #expect(try HistoryStore(path, for: .reading, patience: 0.1).list().count == 40)
            try db.execute(sql: "ROLLBACK")
        }
        #expect(refusal(.adding) == nil)
    }

    @Test("read-only, for a user who may not write to it")
    func readOnly() throws {
        try fill()
        try #require(try Command.run(["chmod", "0444", path]).succeeded)
        try #require(try Command.run(["chmod", "0777", scratch.path]).succeeded)
        let line = try scratch.file(
            "line.jsonl", String(decoding: SampleEntries.entry(99, effect: 0).line(), as: UTF8.self)
        )
        let user =
            ChildProcess.userID == 0 ? ["setpriv", "--reuid=65534", "--clear-groups"] : []
        func run(_ words: String...) throws -> Command.Result {
            try Command.run(user + [Built.plumbline, "history"] + words + ["--store", path])
        }
        let refused = try run("import", line)
        #expect(refused.exit == .exited(1))
        #expect(
            refused.output.contains("\(path): it is read-only, or cannot be opened: "),
            "\(refused.output)")
        let list = try run("list", "--limit", "1")
        #expect(list.exit == .exited(0), "\(list.output)")
        // The log of a reader that may not end it is left.
        try #require(try Command.run(["rm", "-f", "\(path)-shm", "\(path)-wal"]).succeeded)
        try #require(try Command.run(["chmod", "0555", scratch.path]).succeeded)
        let closed = try run("list")
        #expect(closed.exit == .exited(1))
        #expect(closed.output.contains("where SQLite keeps its log"), "\(closed.output)")
        try #require(try Command.run(["chmod", "0755", scratch.path]).succeeded)
    }
}
