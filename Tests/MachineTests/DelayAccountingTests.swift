// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage
import Testing

@testable import Machine

private let canAccount =
    ThisMachine.isRoot && (try? TaskStatistics.tryOut()) != nil
    && SystemFile.exists(DelayAccounting.path) && ThisMachine.hasMemoryGroups

/// On this machine, with its own kernel's counters.
@Suite(.serialized, .enabled(if: canAccount, "needs root, memcg and delay accounting"))
struct DelayAccountingTests {
    private static func setting() throws -> Int { try SystemFile.readInteger(DelayAccounting.path) }

    /// A child that writes 64 MiB to a file, in a group or not, and waits; its direct reclaims.
    private static func reclaims(
        _ accounting: DelayAccounting, in group: String?
    ) throws -> ReclaimStalls? {
        // Not on tmpfs, whose pages a group without swap cannot reclaim.
        let path = "/var/tmp/plumbline-test-\(ChildProcess.currentID)"
        defer { try? SystemFile.unlink(path) }
        let memory = try MappedMemory(bytes: MappedMemory.pageSize, shared: true)
        let isDone = SharedWord(in: memory.bytes, at: 0)
        let child = try ChildProcess.fork {
            if let group { try? SystemFile.write("0", to: group) }
            if let file = try? Descriptor.open(path, [.write, .create], mode: 0o600) {
                let block = [UInt8](repeating: 1, count: 1 << 20)
                for _ in 0..<64 { try? file.writeAll(block) }
            }
            isDone.store(1)
            try? Clock.sleep(nanoseconds: 60_000_000_000)
            return 0
        }
        defer {
            try? child.kill()
            _ = try? child.wait()
        }
        for _ in 0..<6000 where isDone.load() == 0 { try Clock.sleep(nanoseconds: 10_000_000) }
        return accounting.stalls(of: [child.id], callers: [])?[child.id]
    }

    @Test func aWriterAtItsGroupsLimitReclaimsAndAFreeOneDoesNot() throws {
        let before = try Self.setting()
        let scratch = try Scratch()
        let log = try UndoLog(directory: scratch.path)
        let changes = ChangeStack(log)
        defer { changes.undoAll() }
        let accounting = try DelayAccounting(log)
        #expect(try Self.setting() == 1)
        let group = try Cgroup.create(changes: changes)
        try group.setLimit(16 << 20)
        let pressed = try #require(try Self.reclaims(accounting, in: group.procsPath))
        #expect(pressed.count > 0)
        #expect(pressed.microseconds > 0)
        #expect(pressed.requests == nil)
        #expect(try Self.reclaims(accounting, in: nil) == ReclaimStalls())
        #expect(accounting.stop() == nil)
        #expect(try Self.setting() == before)
        #expect(accounting.stop() == nil)
    }

    @Test func whatIsOnStaysOnAndWhatWasTurnedOffIsNotBelieved() throws {
        let before = try Self.setting()
        defer { try? SystemFile.write("\(before)", to: DelayAccounting.path) }
        try SystemFile.write("1", to: DelayAccounting.path)
        let scratch = try Scratch()
        let log = try UndoLog(directory: scratch.path)
        let accounting = try DelayAccounting(log)
        #expect(log.pending.isEmpty)
        #expect(accounting.stalls(of: [ChildProcess.currentID], callers: []) != nil)
        #expect(accounting.stop() == nil)
        #expect(try Self.setting() == 1)
        try SystemFile.write("0", to: DelayAccounting.path)
        #expect(accounting.stalls(of: [ChildProcess.currentID], callers: []) == nil)
    }

    @Test func anAbandonedSettingIsInTheUndoLog() throws {
        let before = try Self.setting()
        defer { try? SystemFile.write("\(before)", to: DelayAccounting.path) }
        try SystemFile.write("0", to: DelayAccounting.path)
        let scratch = try Scratch()
        let log = try UndoLog(directory: scratch.path)
        let accounting = try DelayAccounting(log)
        #expect(log.pending == [.writeBack(path: DelayAccounting.path, value: "0")])
        _ = accounting.stop()
        #expect(log.pending.isEmpty)
    }
}
