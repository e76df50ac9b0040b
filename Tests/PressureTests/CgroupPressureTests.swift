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

@Suite(.serialized, .enabled(if: ThisMachine.hasMemoryGroups, "needs root and a memory controller"))
struct CgroupPressureTests {
    private func start(
        _ told: [String: SettingValue], _ scratch: Scratch
    ) throws -> any RunningPressure {
        let host = PressureHost(undoLog: try UndoLog(directory: scratch.path), workloadBytes: 1)
        return try PressureCatalogue.make("cgroup", told).kind.start(on: host)
    }

    /// A child in the group that keeps 16 pages in a pipe.
    private func startPipeHolder(in group: Cgroup) throws -> ChildProcess {
        try ChildProcess.fork {
            do {
                try group.enter()
                let pipe = try Pipe()
                let buffer = try MappedMemory(bytes: 64 << 10)
                _ = try pipe.writer.write(UnsafeRawBufferPointer(buffer.bytes))
                try Clock.sleep(nanoseconds: 600_000_000_000)
                return 0
            } catch {
                return 1
            }
        }
    }

    @Test func aGroupWithoutALimitChargesTheWorkloadAndReclaimsNothing() throws {
        let scratch = try Scratch()
        let running = try start([:], scratch)
        defer { running.stop() }
        let group = try #require(running.workloadGroup)
        if group.version == 1 {
            #expect(try SystemFile.readInteger("\(group.path)/memory.limit_in_bytes") > 1 << 60)
        } else {
            #expect(try SystemFile.read("\(group.path)/memory.max") == "max\n")
        }
        let before = KernelCounters.readReclaim(group: group)
        try running.resume()
        let worker = try startPipeHolder(in: group)
        try eventually("the pipe's pages are charged") {
            group.statistics()["usage"] ?? 0 >= 64 << 10
        }
        running.rest()
        try running.checkAlive()
        let changes = KernelCounters.readReclaim(group: group) - before
        let record = running.proof(over: changes, seconds: 1, threshold: 100)
        #expect(record.kind == "cgroup" && record.proven == nil && record.threshold == nil)
        // On v1 the machine's own direct reclaim is in it.
        let scanned = try #require(record.proof["pgscan_direct"])
        #expect(group.version == 1 || scanned == 0)
        #expect((record.proof["memcg_failcnt"] ?? record.proof["memcg_max_events"]) == 0)
        #expect(running.stop() == [])
        #expect(running.stop() == [])
        _ = try? worker.wait()
        #expect(!SystemFile.exists(group.path))
        #expect(try SystemFile.list(scratch.path) == [])
    }

    /// Ticks of CPU time that a process had: `utime` of proc_pid_stat(5).
    private func ticks(_ process: Int32) throws -> Int {
        let text = try SystemFile.read("/proc/\(process)/stat")
        let close = try #require(text.lastIndex(of: ")"))
        return try #require(Int(text[text.index(after: close)...].words[11]))
    }

    @Test func burnersBurnCPUInTheGroupOnTheirCPUsAndRestBetweenSlices() throws {
        let scratch = try Scratch()
        let cpu = try #require(CPUSet.allowed().cpus.first)
        let running = try start(["burners": 2, "hog_cpus": .text("\(cpu)")], scratch)
        defer { running.stop() }
        let group = try #require(running.workloadGroup)
        let burners = group.members
        #expect(burners.count == 2)
        for burner in burners {
            let status = try SystemFile.read("/proc/\(burner)/status")
            #expect(status.contains("Cpus_allowed_list:\t\(cpu)\n"))
            try eventually("it burns") { try ticks(burner) > 0 }
        }
        running.rest()
        try eventually("they rest") {
            burners.allSatisfy { ObservedProcess($0).state == "T" }
        }
        let resting = try burners.map { try ticks($0) }
        try Clock.sleep(nanoseconds: 50_000_000)
        #expect(try burners.map { try ticks($0) } == resting)
        try running.resume()
        for (burner, before) in zip(burners, resting) {
            try eventually("it goes on") { try ticks(burner) > before }
        }
        try running.checkAlive()
        #expect(running.stop() == [])
        #expect(burners.allSatisfy { ObservedProcess($0).hasEnded })
        #expect(!SystemFile.exists(group.path))
        #expect(try SystemFile.list(scratch.path) == [])
    }

    @Test func aBurnerThatDiesIsNoticed() throws {
        let scratch = try Scratch()
        let running = try start(["burners": 1], scratch)
        defer { running.stop() }
        let burner = try #require(running.workloadGroup?.members.first)
        try ChildProcess(id: burner).kill()
        var error: PlumblineError?
        try eventually("its end is noticed") {
            error = failure { () throws(PlumblineError) in try running.checkAlive() }
            return error != nil
        }
        // Who killed it is known only where the kernel counts its own kills.
        let message = try #require(error?.message)
        #expect(message.hasPrefix("pressure cgroup: ") && message.contains("hog"))
    }

    @Test func burnersCannotRunOnCPUsThatAreNotThere() throws {
        let scratch = try Scratch()
        let error = #expect(throws: PlumblineError.self) {
            try start(["burners": 1, "hog_cpus": "1000"], scratch)
        }
        #expect(error?.kind == .usage && error?.message.hasPrefix("cgroup: hog_cpus=1000") == true)
        #expect(try SystemFile.list(scratch.path) == [])
    }
}
