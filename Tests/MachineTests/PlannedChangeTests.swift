// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Synchronization
import Testing

@testable import Machine

/// What a dry run says, held against what the undo log records of the real thing.
@Suite(.serialized, .enabled(if: ThisMachine.isRoot, "needs root"))
struct PlannedChangeTests {
    @Test(arguments: [
        "directory", "zram", "zram:ext4", "loop", "loop:ext4", "brd", "null_blk:ext4",
    ])
    func storageMakesTheChangesThatItAnnounces(name: String) throws {
        let scratch = try Scratch()
        let undoLog = try UndoLog(directory: "\(scratch.path)/state")
        let spec = try StorageSpec(
            text: name, size: 8 << 20, directory: scratch.path, writes: true)
        let planned = spec.plannedChanges()
        let said = Mutex<[String]>([])
        VerboseLog.send { line in said.withLock { $0.append(line) } }
        defer { VerboseLog.send(to: nil) }
        let storage: PreparedStorage
        do throws(PlumblineError) { storage = try spec.prepare(undoLog: undoLog) } catch {
            // The machine lacks it; nothing may be left of the attempt.
            #expect(undoLog.pending.isEmpty, "\(error)")
            return
        }
        #expect(undoLog.pending.map(\.kind) == planned.compactMap(\.undo), "\(planned)")
        // What is told as it happens begins with the same word.
        let verbs = planned.filter { $0.undo != nil || $0.action.hasPrefix("run ") }
            .compactMap(\.action.words.first)
        let lines = said.withLock { $0 }
        #expect(lines.compactMap(\.words.first) == verbs, "\(lines)")
        #expect(storage.remove().isEmpty)
        #expect(undoLog.pending.isEmpty)
        #expect(said.withLock { $0.count } >= lines.count + planned.compactMap(\.undo).count)
    }

    @Test func aCgroupMakesTheChangesThatItAnnounces() throws {
        guard ThisMachine.hasMemoryGroups else { return }
        let scratch = try Scratch()
        let changes = ChangeStack(try UndoLog(directory: scratch.path))
        let planned = Cgroup.plannedChanges()
        _ = try Cgroup.create(changes: changes)
        #expect(changes.undoLog.pending.map(\.kind) == planned.compactMap(\.undo), "\(planned)")
        #expect(changes.undoAll().isEmpty)
    }

    @Test func countingReclaimMakesTheChangesThatItAnnounces() throws {
        let scratch = try Scratch()
        let undoLog = try UndoLog(directory: scratch.path)
        let planned = DelayAccounting.plannedChanges()
        guard let counter = try? DelayAccounting(undoLog) else { return }
        #expect(undoLog.pending.map(\.kind) == planned.compactMap(\.undo))
        #expect(counter.stop() == nil)
    }
}

/// Places that nobody else can guess, exchange or write to.
struct PrivatePlaceTests {
    @Test func aNewDirectoryIsPrivateAndItsNameCannotBeGuessed() throws {
        let scratch = try Scratch()
        let changes = ChangeStack(try UndoLog(directory: "\(scratch.path)/state"))
        let paths = try (0..<20).map { _ in try changes.makeDirectory("\(scratch.path)/plumbline") }
        #expect(Set(paths.map { $0.split(separator: "-").last }).count == paths.count)
        for path in paths {
            #expect(try Descriptor.open(path, .directory).facts().permissions & 0o777 == 0o700)
        }
        #expect(changes.undoAll().isEmpty)
    }

    @Test func undoingADirectoryFollowsNoLink() throws {
        let scratch = try Scratch()
        let kept = try scratch.file("kept/file")
        let link = "\(scratch.path)/plumbline-1-x"
        _ = try Command.run(["ln", "-s", "\(scratch.path)/kept", link])
        _ = Undo.removeDirectory(path: link).perform()
        #expect(SystemFile.exists(kept))
    }

    @Test func aStateDirectoryThatIsALinkIsRefused() throws {
        let scratch = try Scratch()
        try StateDirectory.prepare("\(scratch.path)/real")
        let link = "\(scratch.path)/link"
        _ = try Command.run(["ln", "-s", "\(scratch.path)/real", link])
        #expect(failure { () throws(PlumblineError) in try StateDirectory.prepare(link) } != nil)
        #expect(!StateDirectory.isTrusted(link))
    }

    @Test func withoutARuntimeDirectoryTheStateIsInTheHome() {
        let path = StateDirectory.path(user: 5, runtimeDirectory: nil, home: "/home/x")
        #expect(path == "/home/x/.local/state/plumbline")
    }
}
