// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage
import Testing

@testable import Machine

@Suite struct PulseTests {
    @Test func aHelperProgramIsWaitedForWithSignsOfLife() throws {
        var pulses = 0
        let result = try HelperProgram.run(["sleep", "0.5"], pulse: { pulses += 1 })
        #expect(result?.succeeded == true)
        #expect(pulses >= 5, "\(pulses)")
    }

    @Test func oneThatHasClosedItsOutputIsToo() throws {
        var pulses = 0
        let result = try Command.run(
            ["sh", "-c", "exec >&- 2>&-; sleep 0.5"], pulse: { pulses += 1 })
        #expect(result.succeeded)
        #expect(pulses >= 5, "\(pulses)")
    }

    @Test func aCallInAChildSendsPulsesAndReturnsItsError() throws {
        var pulses = 0
        try callInChild(pulse: { pulses += 1 }) { () throws(Errno) in
            try Clock.sleep(nanoseconds: 500_000_000)
        }
        #expect(pulses >= 5, "\(pulses)")
        #expect(throws: Errno.resourceBusy) {
            try callInChild(pulse: {}) { () throws(Errno) in throw .resourceBusy }
        }
        #expect(throws: Errno.interrupted) {
            try callInChild(pulse: {}) { () throws(Errno) in
                try ChildProcess(id: ChildProcess.currentID).kill()
            }
        }
    }

    @Test func whatStaysBusyIsRetriedWithSignsOfLife() throws {
        var pulses = 0
        var tries = 0
        let outcome = Undo.outcome({ pulses += 1 }) { () throws(Errno) in
            tries += 1
            if tries <= 5 { throw .resourceBusy }
        }
        #expect(outcome == .done && pulses == 5)
    }

    @Test func helpersDieSideBySide() throws {
        let scratch = try Scratch()
        let changes = ChangeStack(try UndoLog(directory: scratch.path))
        let children = try (0..<3).map { _ in
            try ChildProcess.fork {
                try? Clock.sleep(nanoseconds: 60_000_000_000)
                return 0
            }
        }
        for child in children {
            let identity = try #require(ProcessIdentity(running: child.id))
            try changes.make(.killProcess(process: child.id, startTime: identity.startTime)) {}
        }
        #expect(changes.undoAll() == [])
        #expect(children.allSatisfy { ProcessIdentity(running: $0.id) == nil })
        #expect(try SystemFile.list(scratch.path) == [])
    }

    @Test(
        .enabled(if: ThisMachine.hasZram, "this kernel has no zram"),
        .enabled(if: ThisMachine.hasFileSystem(.ext4), "no ext4 or no mkfs.ext4"))
    func storageGivesSignsOfLifeWhileItIsMadeAndWhileItIsRemoved() throws {
        let scratch = try Scratch()
        var pulses = 0
        let storage = try StorageSpec(text: "zram:ext4", size: 8 << 20)
            .prepare(undoLog: UndoLog(directory: scratch.path)) { pulses += 1 }
        #expect(pulses > 0)
        pulses = 0
        #expect(storage.remove() == [])
        #expect(pulses > 0)
        #expect(try SystemFile.list(scratch.path) == [])
    }
}

@Suite struct SwapRoomTests {
    @Test func zramIsToldFromDisksAndWhatIsUsedIsNotFree() throws {
        let scratch = try Scratch()
        let tree = SystemTree(root: scratch.path)
        #expect(SwapRoom.read(in: tree).isEmpty)
        try scratch.file(
            "proc/swaps",
            """
            Filename Type Size Used Priority
            /dev/vdb partition 4096 1024 -2
            /dev/zram0 partition 2048 0 100

            """)
        let room = SwapRoom.read(in: tree)
        #expect(room == SwapRoom(onDisk: 3072 << 10, compressed: 2048 << 10))
        #expect(room.leastInMemory(of: 1 << 20) == 1 << 19)
        #expect(room.leastInMemory(of: 4 << 20) == 1 << 20)
        #expect(room.leastInMemory(of: 8 << 20) == 4 << 20)
    }
}
