// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Protocol
import SystemPackage
import TestSupport
import Testing

@testable import Pressure

/// Swap and memory are the machine's: one test at a time.
@Suite(.serialized) struct PressureOnThisMachineTests {
    private func host(_ scratch: Scratch, workloadBytes: Int = 1 << 20) throws -> PressureHost {
        PressureHost(undoLog: try UndoLog(directory: scratch.path), workloadBytes: workloadBytes)
    }

    private func expectNothingLeft(_ scratch: Scratch, _ group: Cgroup?) throws {
        #expect(try SystemFile.list(scratch.path) == [])
        if let group { #expect(!SystemFile.exists(group.path)) }
        #expect(!MountPoint.all().contains { $0.path.hasPrefix(scratch.path) })
    }

    /// Starts a child in the group that keeps a pipe full and drains it, as the workload does.
    private func startPipeWorker(in group: Cgroup) throws -> ChildProcess {
        try ChildProcess.fork {
            do {
                try group.enter()
                let pipe = try Pipe()
                let buffer = try MappedMemory(bytes: 64 << 10)
                while true {
                    _ = try pipe.writer.write(UnsafeRawBufferPointer(buffer.bytes))
                    _ = try pipe.reader.read(into: buffer.bytes)
                }
            } catch {
                return 1
            }
        }
    }

    private func expectReclaim(_ told: [String: SettingValue]) throws {
        let scratch = try Scratch()
        let pressure = try PressureCatalogue.make("memcg", told).kind
        let running = try pressure.start(on: host(scratch))
        defer { running.stop() }
        let group = try #require(running.workloadGroup)
        let worker = try startPipeWorker(in: group)
        let before = KernelCounters.readReclaim(group: group)
        func record() -> PressureRecord {
            let changes = KernelCounters.readReclaim(group: group) - before
            return running.proof(over: changes, seconds: 1, threshold: 1000)
        }
        try eventually("1000 pages are reclaimed") { record().proven == true }
        try running.checkAlive()
        #expect(try worker.wait(noHang: true) == nil)
        let record = record()
        #expect(record.kind == "memcg")
        #expect(record.proof["oom_kill"] == 0)
        if group.version == 1 { #expect((record.proof["memcg_failcnt"] ?? 0) > 0) }
        #expect(running.stop() == [])
        #expect(running.stop() == [])
        _ = try? worker.wait()
        try expectNothingLeft(scratch, group)
    }

    @Test(
        .enabled(if: ThisMachine.hasMemoryGroups, "needs root and a memory controller"),
        .enabled(if: ThisMachine.hasDisk, "/tmp is in memory"))
    func churnersInAGroupReallyMakeTheKernelReclaim() throws {
        try expectReclaim(["limit": "16m", "directory": "/tmp"])
    }

    @Test(
        .enabled(if: ThisMachine.hasMemoryGroups, "needs root and a memory controller"),
        .enabled(if: ThisMachine.hasZram, "this kernel has no zram"))
    func hogsThatSwapToZramReallyMakeTheKernelReclaim() throws {
        try expectReclaim(["limit": "16m", "swap": 1])
    }

    @Test(.enabled(if: ThisMachine.hasMemoryGroups, "needs root and a memory controller"))
    func aLimitSmallerThanTheBuffersIsRefused() throws {
        let scratch = try Scratch()
        let memcg = try PressureCatalogue.make("memcg", ["limit": "16m", "directory": "/tmp"]).kind
        let error = failure { () throws(PlumblineError) in
            _ = try memcg.start(
                on: PressureHost(
                    undoLog: UndoLog(directory: scratch.path), workloadBytes: 14 << 20))
        }
        #expect(error?.kind == .usage)
        #expect(error?.message.contains("workload's buffers of 14MiB") == true)
        #expect(error?.remedy.hasPrefix("raise limit") == true)
        try expectNothingLeft(scratch, nil)
    }

    @Test(.enabled(if: Cgroup.version == 1, "only v1 has no memory.high"))
    func highIsRefusedOnV1AndNothingIsLeft() throws {
        let scratch = try Scratch()
        let told: [String: SettingValue] = ["high": "32m", "directory": "/tmp"]
        let memcg = try PressureCatalogue.make("memcg", told).kind
        let host = try host(scratch)
        let error = failure { () throws(PlumblineError) in _ = try memcg.start(on: host) }
        #expect(error?.kind == .usage || !ThisMachine.isRoot)
        try expectNothingLeft(scratch, nil)
    }

    @Test(
        .enabled(if: ThisMachine.hasMemoryGroups, "needs root and a memory controller"),
        arguments: [["directory": "/dev/shm"], ["directory": "/nowhere"]])
    func aDirectoryWithoutAReclaimableCacheIsRefused(told: [String: SettingValue]) throws {
        let scratch = try Scratch()
        let memcg = try PressureCatalogue.make("memcg", told).kind
        let host = try host(scratch)
        let error = failure { () throws(PlumblineError) in _ = try memcg.start(on: host) }
        #expect(error?.remedy == "set directory= to one on a disk")
        try expectNothingLeft(scratch, nil)
    }

    @Test(
        .enabled(if: ThisMachine.hasMemoryGroups, "needs root and a memory controller"),
        .enabled(if: ThisMachine.hasZram, "this kernel has no zram"))
    func anInterruptedStartLeavesNothing() throws {
        let scratch = try Scratch()
        let memcg = try PressureCatalogue.make("memcg", ["limit": "16m", "swap": 1]).kind
        let host = PressureHost(
            undoLog: try UndoLog(directory: scratch.path), workloadBytes: 0
        ) { (_) throws(PlumblineError) in
            throw PlumblineError(.interrupted, "interrupted by signal 2")
        }
        let error = failure { () throws(PlumblineError) in _ = try memcg.start(on: host) }
        #expect(error?.kind == .interrupted)
        #expect(host.undoLog.pending.isEmpty)
        try expectNothingLeft(scratch, nil)
    }

    @Test(.enabled(if: ThisMachine.hasZram, "this kernel has no zram"))
    func anonHogsFillTheirShareBesideSwapAndGo() throws {
        let scratch = try Scratch()
        let told: [String: SettingValue] = ["vm_bytes": 0.5, "hogs": 2, "swap": "32m"]
        let host = try host(scratch)
        let running = try PressureCatalogue.make("anon", told).kind.start(on: host)
        defer { running.stop() }
        try running.checkAlive()
        #expect(running.workloadGroup == nil)
        let device = try #require(swapDevice(of: host.undoLog))
        let size = try #require(SwapArea.all().first { $0.path == device }?.size)
        // All but the page of the header.
        #expect(size == (32 << 20) - MappedMemory.pageSize)
        let before = KernelCounters.readReclaim(group: nil)
        try Clock.sleep(nanoseconds: 20_000_000)
        let changes = KernelCounters.readReclaim(group: nil) - before
        let record = running.proof(over: changes, seconds: 0.02, threshold: 1e9)
        #expect(record.kind == "anon" && record.proven == false && record.threshold == 1e9)
        for key in ["pgscan_direct", "pgsteal_direct", "allocstall", "oom_kill"] {
            #expect(record.proof[key] != nil, "\(key)")
        }
        #expect(running.stop() == [])
        #expect(!SwapArea.all().contains { $0.path == device && $0.size == size })
        try expectNothingLeft(scratch, nil)
    }

    private func swapDevice(of undoLog: UndoLog) -> String? {
        for case .swapOff(let path) in undoLog.pending { return path }
        return nil
    }

    @Test(.enabled(if: ThisMachine.hasZram, "this kernel has no zram"))
    func anInterruptedFillPutsSwapBackAndGivesSignsOfLife() throws {
        let scratch = try Scratch()
        let anon = try PressureCatalogue.make("anon", ["vm_bytes": 10, "swap": "32m"]).kind
        var pulses = 0
        var pauses = 0
        let undoLog = try UndoLog(directory: scratch.path)
        let host = PressureHost(
            undoLog: undoLog, workloadBytes: 0,
            pause: { (_) throws(PlumblineError) in
                pauses += 1
                #expect(swapDevice(of: undoLog) != nil)
                if pauses == 2 { throw PlumblineError(.interrupted, "interrupted by signal 2") }
            },
            pulse: { pulses += 1 })
        let error = failure { () throws(PlumblineError) in _ = try anon.start(on: host) }
        #expect(error?.kind == .interrupted)
        #expect(pauses == 2 && pulses > 4)
        #expect(undoLog.pending.isEmpty)
        try expectNothingLeft(scratch, nil)
    }

    @Test func aHogThatDiesIsNoticed() throws {
        let scratch = try Scratch()
        let changes = ChangeStack(try UndoLog(directory: scratch.path))
        let processes = try HogProcesses(1, kind: "anon", changes: changes) { (_) throws(Errno) in
            throw .noMemory
        }
        let host = try host(scratch)
        let error = failure { () throws(PlumblineError) in
            _ = try host.wait(seconds: 300) { () throws(PlumblineError) in
                try processes.checkAlive()
                return false
            }
        }
        #expect(error?.message == "pressure anon: a hog gave up: Cannot allocate memory")
        changes.undoAll()
        try expectNothingLeft(scratch, nil)
    }

    @Test func hogsRestAndGoOn() throws {
        let scratch = try Scratch()
        let undoLog = try UndoLog(directory: scratch.path)
        let changes = ChangeStack(undoLog)
        let processes = try HogProcesses(2, kind: "anon", changes: changes) {
            (report) throws(Errno) in
            try Churn.dirtyForever(bytes: 1 << 20, report: report)
        }
        let hogs = undoLog.pending.compactMap { undo -> ObservedProcess? in
            if case .killProcess(let process, _) = undo { ObservedProcess(process) } else { nil }
        }
        #expect(hogs.count == 2)
        let pressure = HogPressure(
            kind: "anon", processes: processes, placement: HogPlacement(),
            on: try host(scratch), changes: changes)
        try eventually("the hogs work") { processes.bytes > 0 }
        pressure.rest()
        try eventually("the hogs are stopped") { hogs.allSatisfy { $0.state == "T" } }
        let bytes = processes.bytes
        try Clock.sleep(nanoseconds: 50_000_000)
        #expect(processes.bytes == bytes)
        try pressure.checkAlive()
        try pressure.resume()
        try eventually("the hogs go on") { processes.bytes > bytes }
        pressure.rest()
        // The end comes to those that rest, too.
        #expect(pressure.stop() == [])
        try expectNothingLeft(scratch, nil)
    }

    @Test func anonThatWouldTakeTheReserveIsRefused() throws {
        let scratch = try Scratch()
        let anon = try PressureCatalogue.make("anon", ["vm_bytes": 400, "swap": "1m"]).kind
        let host = try host(scratch)
        let error = failure { () throws(PlumblineError) in _ = try anon.start(on: host) }
        #expect(error?.kind == .usage && error?.remedy.hasPrefix("lower vm_bytes") == true)
        try expectNothingLeft(scratch, nil)
    }

    @Test func hogsCannotRunOnCPUsThatAreNotThere() throws {
        let scratch = try Scratch()
        let anon = try PressureCatalogue.make("anon", ["vm_bytes": 0.1, "hog_cpus": "1000-1001"])
            .kind
        let host = try host(scratch)
        let error = failure { () throws(PlumblineError) in _ = try anon.start(on: host) }
        #expect(error?.kind == .usage)
        #expect(
            error?.message == "anon: hog_cpus=1000-1001 has no CPU that this process may run on")
        try expectNothingLeft(scratch, nil)
    }

    @Test(.enabled(if: !ThisMachine.isRoot && Cgroup.version > 0, "root may make cgroups"))
    func withoutPermissionForCgroupsTheRemedyIsTold() throws {
        let scratch = try Scratch()
        let memcg = try PressureCatalogue.make("memcg", ["directory": "/tmp"]).kind
        let host = try host(scratch)
        let error = failure { () throws(PlumblineError) in _ = try memcg.start(on: host) }
        #expect(error?.kind == .failure && error?.remedy.hasPrefix("run as root") == true)
        #expect(error?.message.hasPrefix("cannot make a memory cgroup below") == true)
        try expectNothingLeft(scratch, nil)
    }

    @Test func noPressureProvesNothing() throws {
        let scratch = try Scratch()
        let running = try PressureCatalogue.make("none").kind.start(on: host(scratch))
        let record = running.proof(over: KernelCounters(), seconds: 1, threshold: 1)
        #expect(record.kind == "none" && record.proven == nil && record.threshold == nil)
        #expect(running.stop() == [])
    }

    @Test(
        .enabled(if: ThisMachine.hasMemoryGroups, "needs root and a memory controller"),
        .enabled(if: ThisMachine.hasZram, "this kernel has no zram"))
    func whatAKilledOwnerLeftIsPutBack() throws {
        let scratch = try Scratch()
        let directory = scratch.path
        let memory = try MappedMemory(bytes: 4096, shared: true)
        let isReady = SharedWord(in: memory.bytes, at: 0)
        let owner = try ChildProcess.fork {
            do {
                let undoLog = try UndoLog(directory: directory)
                let host = PressureHost(undoLog: undoLog, workloadBytes: 0)
                let memcg = try PressureCatalogue.make("memcg", ["limit": "16m", "swap": 1]).kind
                let running = try memcg.start(on: host)
                let storage = try StorageSpec(text: "loop:ext4", size: 8 << 20)
                    .prepare(undoLog: undoLog)
                isReady.store(1)
                try Clock.sleep(nanoseconds: 600_000_000_000)
                running.stop()
                storage.remove()
            } catch {
                isReady.store(2)
            }
            return 0
        }
        try eventually("the owner is ready") {
            try isReady.load() != 0 || owner.wait(noHang: true) != nil
        }
        try #require(isReady.load() == 1)
        let swaps = SwapArea.all().map(\.path)
        #expect(UndoLog.restoreAbandoned(in: directory).isEmpty, "the owner still runs")
        try owner.kill()
        #expect(try owner.wait() == .signalled(ChildProcess.killSignal))
        let restored = UndoLog.restoreAbandoned(in: directory)
        let lines = restored.map(\.description)
        #expect(restored.allSatisfy { $0.outcome.isSettled }, "\(lines)")
        for kind in ["unmount", "detach the loop", "remove cgroup", "stop swapping", "zram"] {
            #expect(lines.contains { $0.contains(kind) && $0.hasSuffix(": done") }, "\(lines)")
        }
        for case .removeCgroup(let path) in restored.map(\.undo) {
            #expect(!SystemFile.exists(path))
        }
        for case .swapOff(let path) in restored.map(\.undo) {
            #expect(swaps.contains(path) && !SwapArea.all().contains { $0.path == path })
        }
        try expectNothingLeft(scratch, nil)
        // Keeps the shared word mapped until here.
        memory.touch()
    }
}
