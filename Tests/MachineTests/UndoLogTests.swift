// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Testing

@testable import Machine

@Suite struct UndoLogTests {
    @Test func theFileIsThereOnlyWhileSomethingIsChanged() throws {
        let scratch = try Scratch()
        let undoLog = try UndoLog(directory: "\(scratch.path)/state")
        #expect(!SystemFile.exists(undoLog.path))
        let first = try undoLog.record(.removeFile(path: "/nowhere/a"))
        let second = try undoLog.record(.swapOff(path: "/nowhere/b"))
        let text = try SystemFile.read(undoLog.path)
        #expect(text.split(separator: "\n").count == 2)
        undoLog.settle(first)
        #expect(undoLog.pending == [.swapOff(path: "/nowhere/b")])
        #expect(SystemFile.exists(undoLog.path))
        undoLog.settle(second)
        #expect(!SystemFile.exists(undoLog.path))
    }

    @Test(arguments: [
        Undo.killProcess(process: 7, startTime: 9), .removeCgroup(path: "/a"),
        .unmount(path: "/a b"), .removeDirectory(path: "/ä"), .removeFile(path: "/\"\n"),
        .swapOff(path: "/dev/zram1"), .removeZram(number: 1), .detachLoop(backing: "/x"),
        .removeNullBlock(name: "n"),
        .removeTraceInstance(path: "/i"), .unloadModule(name: "brd"),
        .writeBack(path: "/p", value: "v\n"),
    ])
    func everyUndoComesBackFromItsLine(undo: Undo) throws {
        let text = UndoLogEntry.change(number: 3, undo: undo).text
        let open = UndoLogEntry.unsettled(in: text)
        #expect(open.map(\.undo) == [undo])
        #expect(text.split(separator: "\n").count == 1)
    }

    @Test func aTornLastLineIsLeftOutWhereverItIsTorn() {
        let whole = UndoLogEntry.change(number: 1, undo: .removeFile(path: "/a")).text
        let torn = UndoLogEntry.change(number: 2, undo: .removeFile(path: "/b")).text
        for length in 0..<(torn.count - 1) {
            let open = UndoLogEntry.unsettled(in: whole + torn.prefix(length))
            #expect(open.map(\.undo) == [.removeFile(path: "/a")], "torn after \(length)")
        }
    }

    @Test func theNewestChangeIsUndoneFirst() {
        let lines = (1...3).map {
            UndoLogEntry.change(number: $0, undo: .removeZram(number: $0)).text
        }
        let text = lines.joined() + UndoLogEntry.settled(number: 2).text
        #expect(UndoLogEntry.unsettled(in: text).map(\.number) == [3, 1])
    }

    @Test func aLivingProcessIsLeftAlone() throws {
        let scratch = try Scratch()
        let file = try scratch.file("kept")
        let undoLog = try UndoLog(directory: scratch.path)
        let entry = try undoLog.record(.removeFile(path: file))
        #expect(UndoLog.restoreAbandoned(in: scratch.path).isEmpty)
        #expect(SystemFile.exists(file))
        undoLog.settle(entry)
    }

    @Test func aDeadProcesssChangesAreUndoneAndItsLogGoes() throws {
        let scratch = try Scratch()
        let file = try scratch.file("left")
        let value = try scratch.file("value", "new")
        // No process has this number: it is above the kernel's greatest.
        let path = try scratch.file(
            "undo-4194305-1.jsonl",
            UndoLogEntry.change(number: 1, undo: .writeBack(path: value, value: "old")).text
                + UndoLogEntry.change(number: 2, undo: .removeFile(path: file)).text
                + UndoLogEntry.change(number: 3, undo: .removeFile(path: "/nowhere/x")).text
                + #"{"change":{"number":4,"undo":{"removeFi"#)
        let lines = UndoLog.restoreAbandoned(in: scratch.path).map(\.description)
        #expect(
            lines == [
                "remove file /nowhere/x: already gone", "remove file \(file): done",
                "write 'old' back to \(value): done",
            ])
        #expect(!SystemFile.exists(file))
        #expect(try SystemFile.read(value) == "old")
        #expect(!SystemFile.exists(path))
    }

    @Test func onlyTheLogsThatHaveAFileAreUndoneForIt() throws {
        let scratch = try Scratch()
        let (mine, others) = (try scratch.file("mine", "new"), try scratch.file("others", "new"))
        for (number, value) in [mine, others].enumerated() {
            try scratch.file(
                "undo-4194305-\(number + 1).jsonl",
                UndoLogEntry.change(number: 1, undo: .writeBack(path: value, value: "old")).text)
        }
        let restored = UndoLog.restore(writersOf: mine, in: scratch.path)
        #expect(restored.map(\.undo) == [.writeBack(path: mine, value: "old")])
        #expect(try SystemFile.read(mine) == "old")
        #expect(try SystemFile.read(others) == "new")
        #expect(
            UndoLog.abandonedChanges(in: scratch.path) == [
                .writeBack(path: others, value: "old")
            ])
    }

    @Test func whatFailsStaysOnRecordAndTheRestDoesNot() throws {
        let scratch = try Scratch()
        // A directory that is not empty cannot be removed: it does not have our name.
        try scratch.file("full/inside")
        let path = try scratch.file(
            "undo-4194305-2.jsonl",
            UndoLogEntry.change(number: 1, undo: .removeDirectory(path: "\(scratch.path)/full"))
                .text
                + UndoLogEntry.change(number: 2, undo: .removeFile(path: "/nowhere/x")).text)
        let restored = UndoLog.restoreAbandoned(in: scratch.path)
        #expect(restored.map(\.outcome.isSettled) == [true, false])
        #expect(SystemFile.exists("\(scratch.path)/full/inside"))
        let open = UndoLogEntry.unsettled(in: try SystemFile.read(path))
        #expect(open.map(\.number) == [1])
    }

    @Test func theStateDirectoryIsTheUsersOwn() {
        #expect(StateDirectory.path(user: 0, runtimeDirectory: "/x") == "/run/plumbline")
        #expect(
            StateDirectory.path(user: 5, runtimeDirectory: "/run/user/5")
                == "/run/user/5/plumbline")
        #expect(StateDirectory.path(user: 5, runtimeDirectory: nil) == "/tmp/plumbline-5")
    }

    @Test func aStateDirectoryOpenToOthersIsRefused() throws {
        let scratch = try Scratch()
        // The sticky bit does not help: the directory itself could be exchanged.
        let open = failure { () throws(PlumblineError) in try StateDirectory.prepare("/tmp") }
        #expect(open?.message == "/tmp is writable by other users")
        try StateDirectory.prepare("\(scratch.path)/a/b")
        #expect(try Descriptor.open("\(scratch.path)/a/b").facts().permissions == 0o700)
    }
}
