// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Testing

@testable import Machine

@Suite struct UndoTests {
    @Test func aHelperIsKilledOnceAndAnotherOfItsNumberNever() throws {
        let child = try ChildProcess.fork {
            try? Clock.sleep(nanoseconds: 60_000_000_000)
            return 0
        }
        let identity = try #require(ProcessIdentity(running: child.id))
        let other = Undo.killProcess(process: child.id, startTime: identity.startTime + 1)
        #expect(other.perform() == .alreadyGone)
        #expect(identity.isRunning)
        let undo = Undo.killProcess(process: child.id, startTime: identity.startTime)
        #expect(undo.perform() == .done)
        #expect(!identity.isRunning)
        #expect(undo.perform() == .alreadyGone)
    }

    @Test func undoingWhatIsNotThereIsNoFailure() {
        let nowhere = "/nowhere/plumbline-x"
        let all: [Undo] = [
            .removeCgroup(path: nowhere), .unmount(path: nowhere), .removeDirectory(path: nowhere),
            .removeFile(path: nowhere), .swapOff(path: nowhere), .removeZram(number: 4095),
            .detachLoop(backing: nowhere), .removeNullBlock(name: "plumbline-x"),
            .removeTraceInstance(path: nowhere),
            .unloadModule(name: "plumbline_x"),
        ]
        for undo in all { #expect(undo.perform() == .alreadyGone, "\(undo)") }
    }

    @Test func aDirectoryIsEmptiedOnlyUnderOurName() throws {
        let scratch = try Scratch()
        try scratch.file("plumbline-1-0/data")
        try scratch.file("theirs/data")
        let ours = Undo.removeDirectory(path: "\(scratch.path)/plumbline-1-0")
        let theirs = Undo.removeDirectory(path: "\(scratch.path)/theirs")
        #expect(ours.perform() == .done)
        #expect(!theirs.perform().isSettled)
        #expect(SystemFile.exists("\(scratch.path)/theirs/data"))
    }

    @Test(.enabled(if: ThisMachine.isRoot, "mounting needs root"))
    func aMountInUseIsDetachedLazilyWithANotice() throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/mounted"
        try SystemFile.makeDirectory(path)
        try Mount.mount("plumbline", on: path, type: "tmpfs", options: "size=1m")
        let file = try Descriptor.open("\(path)/open", [.write, .create])
        let outcome = Undo.unmount(path: path).perform()
        #expect(outcome.isSettled && outcome.notice?.contains("lazily") == true)
        #expect(!MountPoint.all().contains { $0.path == path })
        #expect(Undo.unmount(path: path).perform() == .alreadyGone)
        try file.close()
    }

    @Test func aFailedChangeIsPutBackAndStruckOff() throws {
        let scratch = try Scratch()
        let undoLog = try UndoLog(directory: scratch.path)
        let changes = ChangeStack(undoLog)
        let path = "\(scratch.path)/half"
        let error = failure { () throws(PlumblineError) in
            try changes.make(.removeFile(path: path)) { () throws(PlumblineError) in
                _ = try? scratch.file("half")
                throw PlumblineError.failure("no")
            }
        }
        #expect(error?.message == "no")
        #expect(!SystemFile.exists(path))
        #expect(undoLog.pending.isEmpty)
    }

    @Test func namesWithBlanksAndBracketsDoNotShiftTheFieldsOfStat() throws {
        let fields = (4...21).map(String.init).joined(separator: " ")
        let parsed = try #require(ProcessIdentity.parse(stat: "9 (a b) c) S \(fields) 4242 5 6"))
        #expect(parsed == ("S", 4242))
    }
}
