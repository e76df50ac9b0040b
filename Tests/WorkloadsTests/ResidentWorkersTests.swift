// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import TestSupport
import Testing

@testable import Workloads

/// Workers that stay for several slices.
@Suite(.serialized) struct ResidentWorkersTests {
    private static let kinds: [(any Workload.Type, [String: SettingValue])] = [
        (PipeWorkload.self, ["workers": "thread", "writers": 2, "readers": 2]),
        (PipeWorkload.self, ["workers": "process", "writers": 2, "readers": 2]),
        (PipeWorkload.self, ["workers": "process", "verify": true]),
        (PipeWorkload.self, ["blocking": false, "verify": true, "writers": 2]),
        (PipeWorkload.self, ["packet": true, "msgsize": 4096, "verify": true]),
        (SpliceWorkload.self, ["mode": "vmsplice", "verify": true]),
        (SpliceWorkload.self, ["workers": "process", "jobs": 2]),
    ]

    private func resident(
        _ type: any Workload.Type, _ settings: [String: SettingValue],
        forked: @escaping ([Int32]) -> Void = { _ in }
    ) throws -> ResidentWorkers {
        var options = ResidentWorkers.Options()
        options.forked = forked
        return try ResidentWorkers(
            ShortSlice.workload(type, settings),
            in: WorkloadEnvironment(directory: "/tmp", seed: 1), clock: ShortSlice.clock, options)
    }

    /// A slice; again, twice as long each time, while a busy machine gave its workers no time.
    private func slice(
        of workers: ResidentWorkers, seed: UInt64 = 7, milliseconds: Int = 20
    ) throws -> SliceCounts {
        var duration = milliseconds * 1_000_000
        while true {
            let counts = try workers.measure(
                .init(guardTime: 2_000_000, duration: duration, seed: seed))
            if counts.operations > 0 || duration > 30_000_000_000 { return counts }
            duration *= 2
        }
    }

    @Test("the same processes run slice after slice, each counted by itself", arguments: 0..<7)
    func severalSlices(kind: Int) throws {
        let (type, settings) = Self.kinds[kind]
        var processes: [ObservedProcess] = []
        let workers = try resident(type, settings) { processes = $0.map { ObservedProcess($0) } }
        for seed in 0..<4 {
            let counts = try slice(of: workers, seed: UInt64(seed))
            #expect(counts.operations > 0)
            #expect(counts.killedBy == nil)
            #expect(counts.tracks.allSatisfy { $0.errors.isEmpty && $0.shortOperations == 0 })
            #expect(counts.verification.corruptions == 0)
            if settings["verify"] != nil, type is PipeWorkload.Type {
                #expect(counts.conservationError == nil)
                #expect(counts.verification.read > 0)
            }
        }
        #expect(processes.allSatisfy { !$0.hasEnded })
        workers.release()
        #expect(processes.allSatisfy { (try? ChildProcess(id: $0.id).kill(0)) == nil })
    }

    @Test("a slice tells how long nobody looked at its workers")
    func longestPause() throws {
        let workers = try resident(PipeWorkload.self, [:])
        var slice = ResidentWorkers.Slice(guardTime: 0, duration: 20_000_000, seed: 1)
        slice.passing = { try? Clock.sleep(nanoseconds: 300_000_000) }
        #expect(try workers.measure(slice).longestPause >= 300_000_000)
        workers.release()
    }

    @Test("parked workers make no system call until the gate opens again")
    func parked() throws {
        var processes: [ObservedProcess] = []
        let workers = try resident(PipeWorkload.self, ["workers": "process"]) {
            processes = $0.map { ObservedProcess($0) }
        }
        _ = try slice(of: workers)
        try eventually("all are asleep") { processes.allSatisfy { $0.state == "S" } }
        let before = processes.map { $0.transferred("wchar") }
        try Clock.sleep(nanoseconds: 50_000_000)
        #expect(processes.map { $0.transferred("wchar") } == before)
        workers.release()
    }

    @Test("a slice's data come from its seed")
    func seeds() throws {
        let workers = try resident(PipeWorkload.self, ["verify": true, "msgsize": 4096])
        // Sums over streams of other seeds agree by chance once in 2^64.
        let sums = try [3, 4].map { try slice(of: workers, seed: $0).verification.writtenSum }
        #expect(sums[0] != sums[1])
        workers.release()
    }

    @Test("a worker killed while parked is noticed by the next slice, and none is left")
    func killedWhileParked() throws {
        var processes: [Int32] = []
        let workers = try resident(PipeWorkload.self, ["workers": "process"]) { processes = $0 }
        _ = try slice(of: workers)
        try ChildProcess(id: processes[1]).kill(ChildProcess.killSignal)
        try eventually("it is dead") { ObservedProcess(processes[1]).hasEnded }
        let counts = try workers.measure(
            .init(guardTime: 1_000_000, duration: 600_000_000_000, seed: 1))
        #expect(counts.killedBy == 9)
        #expect(counts.operations == 0)
        #expect(processes.allSatisfy { (try? ChildProcess(id: $0).kill(0)) == nil })
    }

    @Test("the rate is the sum of the workers' rates, and a straggler does not stretch the others'")
    func rates() {
        // 100 operations in 1 ms and 10 in 10 ms: 101 a millisecond.
        let rates = [100.0 / 1_000_000, 10.0 / 10_000_000]
        #expect(SliceCounts.interval(of: 110, at: rates) == UInt64((110e6 / 101).rounded()))
        #expect(SliceCounts.interval(of: 0, at: [0]) == 0)
    }
}
