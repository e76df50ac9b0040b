// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage
import Testing

@testable import Machine

@Suite struct PulseTests {
    /// A file that the fifth sign of life makes.
    private final class Fifth {
        private let scratch: Scratch
        let path: String
        private(set) var pulses = 0

        init() throws {
            scratch = try Scratch()
            path = "\(scratch.path)/fifth"
        }

        func pulse() {
            pulses += 1
            if pulses == 5 { _ = try? scratch.file("fifth") }
        }

        /// A shell that ends once the file is there, or fails after some minutes.
        func shell(_ start: String = "") -> [String] {
            let wait = "for i in $(seq 6000); do [ -e '\(path)' ] && exit; sleep 0.02; done; exit 1"
            return ["sh", "-c", start + wait]
        }
    }

    @Test func aHelperProgramIsWaitedForWithSignsOfLife() throws {
        let fifth = try Fifth()
        let result = try HelperProgram.run(fifth.shell(), pulse: fifth.pulse)
        #expect(result?.succeeded == true)
        #expect(fifth.pulses >= 5)
    }

    @Test func oneThatHasClosedItsOutputIsToo() throws {
        let fifth = try Fifth()
        let result = try Command.run(fifth.shell("exec >&- 2>&-; "), pulse: fifth.pulse)
        #expect(result.succeeded)
        #expect(fifth.pulses >= 5)
    }

    @Test func aCallInAChildSendsPulsesAndReturnsItsError() throws {
        let fifth = try Fifth()
        try callInChild(pulse: fifth.pulse) { () throws(Errno) in
            for _ in 0..<6000 where !SystemFile.exists(fifth.path) {
                try Clock.sleep(nanoseconds: 20_000_000)
            }
            guard SystemFile.exists(fifth.path) else { throw .timedOut }
        }
        #expect(fifth.pulses >= 5)
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
