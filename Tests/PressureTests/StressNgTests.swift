// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Glibc
import Linux
import Machine
import SystemPackage
import TestSupport
import Testing

@testable import Pressure

@Suite struct StressNgSettingsTests {
    private func make(_ told: [String: SettingValue]) throws(PlumblineError) -> StressNgPressure {
        try StressNgPressure(
            SettingValues(told, declared: StressNgPressure.settings, owner: "stress-ng"))
    }

    @Test func presetsAreThePublishedCommandLinesAndSettingsVaryThem() throws {
        let rest = ["--timeout", "0", "--oomable", "--no-rand-seed"]
        #expect(
            try make([:]).arguments
                == ["stress-ng", "--vm", "2", "--vm-bytes", "50%", "--vm-keep"] + rest)
        #expect(
            try make(["preset": "vm4-80%-all"]).arguments
                == ["stress-ng", "--vm", "4", "--vm-bytes", "80%", "--vm-method", "all"] + rest)
        let varied = try make([
            "vm": 3, "vm_bytes": 12.5, "vm_keep": 0, "vm_method": "walk-0d", "swap": "40%",
        ])
        #expect(
            varied.arguments
                == ["stress-ng", "--vm", "3", "--vm-bytes", "12.5%", "--vm-method", "walk-0d"]
                + rest)
        #expect(varied.guestPrograms == [.stressNg, .makeSwap])
    }

    @Test func cellNamesTellThePresetApart() throws {
        #expect(try make([:]).cellName == "stress-ng")
        #expect(try make(["preset": "vm4-80%-all"]).cellName == "stress-ng-preset=vm4-80%-all")
        #expect(
            try make(["vm_bytes": 130, "swap": "40%"]).cellName
                == "stress-ng-vm_bytes=130-swap=40%")
    }

    @Test func onlyWhatHoldsMoreThanIsFreeHasToReclaim() throws {
        #expect(try !make([:]).mustReclaim)
        #expect(try !make(["preset": "vm4-80%-all"]).mustReclaim)
        #expect(try make(["vm_bytes": 130, "swap": "40%"]).mustReclaim)
    }

    @Test func whatStressNgWouldNotUnderstandIsRefused() {
        let cases: [([String: SettingValue], String)] = [
            (["preset": "text"], "(allowed: vm2-50%-keep, vm4-80%-all)"),
            (["vm": 0], "for stress-ng.vm (allowed: 1 to 1024)"),
            (["vm_bytes": 500], "for stress-ng.vm_bytes (allowed: 0.01 to 400)"),
            (["vm_method": "a b;c"], "stress-ng --vm-method list names them"),
            (["swap": "much"], "for stress-ng.swap (allowed: a size"),
        ]
        for (told, words) in cases {
            let error = failure { () throws(PlumblineError) in _ = try make(told) }
            #expect(error?.kind == .usage && error?.description.contains(words) == true, "\(told)")
        }
    }

    @Test func hogsHaveCPUsOfTheirOwnWhereThereAreEnough() throws {
        func placement(
            _ workers: Int, _ cpus: String, own: String = "", _ told: [String: SettingValue] = [:]
        ) throws -> HogPlacement {
            let own = try #require(CPUSet(list: own))
            return try HogPlacement(
                of: make(told), beside: .init(count: workers, cpus: own),
                on: #require(CPUSet(list: cpus)))
        }
        let own = try placement(3, "0-7")
        #expect(own.hogs == CPUSet(list: "6-7") && own.workers == CPUSet(list: "0-5"))
        #expect(own.sharesCPUs == false)
        for (workers, cpus) in [(6, "0-7"), (1, "0-1"), (1, "0")] {
            let shared = try placement(workers, cpus)
            #expect(shared.hogs == nil && shared.workers == nil && shared.sharesCPUs == true)
        }
        let beside = try placement(3, "0-7", own: "3,6")
        #expect(beside.hogs == CPUSet(list: "5,7") && beside.workers == CPUSet(list: "0-4,6"))
        #expect(try placement(3, "0-7", own: "1-7").sharesCPUs == true)
        // Without hogs a running "no pressure" goes on for any number of workers.
        let none = try PressureCatalogue.make("none")
        for workers in [1, 8] {
            #expect(
                try HogPlacement(of: none, beside: .init(count: workers), on: CPUSet(0..<4))
                    == HogPlacement())
        }
        let placed = try placement(1, "0-7", ["hog_cpus": "0"])
        #expect(placed.hogs == CPUSet(list: "0") && placed.sharesCPUs == nil)
    }
}

/// Debian's own program, if it is here.
@Suite(
    .serialized,
    .enabled(if: SystemFile.exists("/usr/bin/stress-ng"), "stress-ng is not installed"))
struct StressNgOnThisMachineTests {
    private func start(
        _ told: [String: SettingValue], _ undoLog: UndoLog
    ) throws(PlumblineError) -> any RunningPressure {
        var told = told
        told["vm_bytes"] = told["vm_bytes"] ?? 0.5
        return try PressureCatalogue.make("stress-ng", told).kind
            .start(on: PressureHost(undoLog: undoLog, workloadBytes: 1 << 20))
    }

    /// The program's processes: those in the group of a child of this process that is stress-ng.
    private func tree(below owner: Int32 = ChildProcess.currentID) -> [ObservedProcess] {
        let stats = SystemTree.live.list("/proc").filter { Int($0) != nil }
            .compactMap { SystemTree.live.read("/proc/\($0)/stat")?.words }
            .filter { $0.count > 4 }
        let leaders = stats.filter { $0[1] == "(stress-ng)" && $0[3] == "\(owner)" }.map { $0[0] }
        return stats.filter { leaders.contains($0[4]) }.compactMap { Int32($0[0]) }
            .map { ObservedProcess($0) }
    }

    @Test func itsWholeTreeRestsGoesOnAndEnds() throws {
        let scratch = try Scratch()
        let undoLog = try UndoLog(directory: scratch.path)
        let running = try start([:], undoLog)
        defer { running.stop() }
        let processes = tree()
        #expect(processes.count > 2, "a program, and two stressors at least")
        running.rest()
        try eventually("all are stopped") { processes.allSatisfy { $0.state == "T" } }
        try running.checkAlive()
        try running.resume()
        try eventually("all go on") { processes.allSatisfy { $0.state != "T" } }
        let record = running.proof(over: KernelCounters(), seconds: 1, threshold: 1)
        #expect(record.kind == "stress-ng" && record.proven == nil)
        running.rest()
        #expect(running.stop() == [])
        try eventually("none is left") { processes.allSatisfy { $0.hasEnded } }
        #expect(try SystemFile.list(scratch.path) == [])
    }

    @Test func whenItsOwnerIsKilledNoneIsLeft() throws {
        let scratch = try Scratch()
        let memory = try MappedMemory(bytes: 4096, shared: true)
        let isReady = SharedWord(in: memory.bytes, at: 0)
        let owner = try ChildProcess.fork {
            do {
                let running = try start([:], try UndoLog(directory: scratch.path))
                // Those that rest do not notice by themselves that their parent is gone.
                running.rest()
                isReady.store(1)
                try Clock.sleep(nanoseconds: 600_000_000_000)
                running.stop()
            } catch {
                isReady.store(2)
            }
            return 0
        }
        try eventually("the owner is ready") { isReady.load() != 0 }
        let processes = tree(below: owner.id)
        #expect(isReady.load() == 1 && processes.count > 2)
        try owner.kill()
        _ = try owner.wait()
        try eventually("none is left") { processes.allSatisfy { $0.hasEnded } }
        _ = UndoLog.restoreAbandoned(in: scratch.path)
        #expect(try SystemFile.list(scratch.path) == [])
        memory.touch()
    }

    @Test func aStressorThatIsKilledIsMissed() throws {
        let scratch = try Scratch()
        let running = try start([:], try UndoLog(directory: scratch.path))
        defer { running.stop() }
        running.rest()
        try running.checkAlive()
        let stressor = try #require(tree().max { $0.id < $1.id })
        #expect(kill(stressor.id, ChildProcess.killSignal) == 0)
        try eventually("it has ended") { stressor.hasEnded }
        let error = failure { () throws(PlumblineError) in try running.checkAlive() }
        #expect(error?.message.contains(" processes of stress-ng ended") == true)
    }

    @Test func whatItSaidLastIsReported() throws {
        let scratch = try Scratch()
        let undoLog = try UndoLog(directory: scratch.path)
        let error = failure { () throws(PlumblineError) in
            _ = try start(["vm_method": "no-such-method"], undoLog)
        }
        #expect(error?.kind == .failure)
        #expect(
            error?.message.hasPrefix("pressure stress-ng: stress-ng ended with status ") == true,
            "\(error?.message ?? "none")")
        #expect(error?.message.contains("vm-method") == true, "\(error?.message ?? "none")")
        #expect(try SystemFile.list(scratch.path) == [])
    }

    @Test func aProgramThatIsNotThereIsNoticed() throws {
        let scratch = try Scratch()
        let changes = ChangeStack(try UndoLog(directory: scratch.path))
        let program = try HogProgram(
            ["plumbline-no-such-program"], kind: "stress-ng", cpus: nil, changes: changes)
        var error: PlumblineError?
        try eventually("it is noticed") {
            error = failure { () throws(PlumblineError) in try program.checkAlive() }
            return error != nil
        }
        #expect(
            error?.message
                == "pressure stress-ng: plumbline-no-such-program could not be executed")
        changes.undoAll()
    }
}
