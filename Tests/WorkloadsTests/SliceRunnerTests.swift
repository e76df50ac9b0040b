// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Workloads

/// Runs short slices for tests.
enum ShortSlice {
    static let clock = FastClock.calibrated()

    /// Bytes by which a slice's heap may seem to grow: a debug build makes and frees temporary
    /// values in its loops, and threads see each other's.
    #if DEBUG
        static let heapSlack: Int64 = 1024
    #else
        static let heapSlack: Int64 = 0
    #endif

    static func workload(
        _ type: any Workload.Type, _ told: [String: SettingValue]
    ) throws -> any Workload {
        try type.init(SettingValues(told, declared: type.settings, owner: type.name))
    }

    /// One slice of `milliseconds` after a guard of 5.
    ///
    /// Without hooks it is run again, twice as long each time, when a busy machine gave its
    /// workers no time at all.
    static func run(
        _ type: any Workload.Type, _ told: [String: SettingValue], in directory: String? = nil,
        milliseconds: Int = 50, hooks: SliceRunner.Hooks? = nil,
        until done: ((SliceCounts) -> Bool)? = nil
    ) throws -> SliceCounts {
        let workload = try workload(type, told)
        let environment = WorkloadEnvironment(directory: directory, seed: 1)
        return try repeated(
            milliseconds: milliseconds, hooks: hooks ?? .init(), workload, in: environment
        ) { done?($0) ?? (hooks != nil || isWhole($0, tracks: type.tracks)) }
    }

    /// A slice that is `done`, each twice as long as the one before; the eleventh as it is.
    static func repeated(
        milliseconds: Int, hooks: SliceRunner.Hooks, _ workload: any Workload,
        in environment: WorkloadEnvironment, until done: (SliceCounts) -> Bool
    ) throws -> SliceCounts {
        var duration = milliseconds * 1_000_000
        while true {
            var runner = SliceRunner(guardTime: 5_000_000, duration: duration, clock: clock)
            runner.hooks = hooks
            let counts = try runner.run(workload, in: environment)
            if done(counts) || duration >= milliseconds * 1_024_000_000 { return counts }
            duration *= 2
        }
    }

    /// Whether each kind of operation was done at least once, or failed.
    static func isWhole(_ counts: SliceCounts, tracks: [String]) -> Bool {
        counts.interval > 0
            && tracks.allSatisfy { name in
                counts.tracks.contains {
                    $0.name == name && ($0.operations > 0 || !$0.errors.isEmpty)
                }
            }
    }

    /// What a forked process says: a test of what a process does to itself.
    static func said(_ body: () -> String) throws -> String {
        let pipe = try Pipe()
        let child = try ChildProcess.fork {
            try? pipe.writer.writeAll(body())
            return 0
        }
        _ = try child.wait()
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = try buffer.withUnsafeMutableBytes { try pipe.reader.read(into: $0) }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }
}

/// What hooks saw, for tests.
private final class Seen {
    var workers: [ObservedProcess] = []
    /// When the workers were forked, nanoseconds of the monotonic clock.
    var forked: UInt64 = 0
    private var isOpen = false

    /// Hooks that call `act` at the first pulse of the measured part: after a tenth of a second,
    /// or at its end when that is sooner.
    func hooks(_ act: @escaping (Seen) -> Void) -> SliceRunner.Hooks {
        var hooks = SliceRunner.Hooks()
        hooks.forked = { ids in
            self.workers = ids.map { ObservedProcess($0) }
            self.forked = Clock.monotonicNanoseconds()
        }
        hooks.opening = { self.isOpen = true }
        hooks.pulse = {
            guard self.isOpen else { return }
            self.isOpen = false
            act(self)
        }
        return hooks
    }

    /// Stops a worker, and returns once it is stopped.
    func stop(_ worker: Int) {
        try? ChildProcess(id: workers[worker].id).kill(19)
        settle("worker \(worker) is stopped") { self.workers[worker].state == "T" }
    }

    func resume(_ worker: Int) { try? ChildProcess(id: workers[worker].id).kill(18) }

    var survivors: [Int32] {
        workers.map(\.id).filter { (try? ChildProcess(id: $0).kill(0)) != nil }
    }
}

/// Waits in a hook, which cannot throw.
func settle(_ what: String, _ condition: () throws -> Bool) {
    do { try eventually(what, condition) } catch { Issue.record(error) }
}

@Suite(.serialized) struct SliceRunnerTests {
    @Test("The interval is measured: it lasts until the last write is through")
    func lateEnd() throws {
        let seen = Seen()
        var blocked: UInt64 = 0
        var held: UInt64 = 0
        var hooks = seen.hooks { seen in
            // The pipe is full in a moment, and the writer sleeps in a write.
            seen.stop(1)
            settle("the writer waits") { seen.workers[0].state == "S" }
            blocked = Clock.monotonicNanoseconds()
            try? Clock.sleep(nanoseconds: 100_000_000)
        }
        hooks.closing = {
            held = Clock.monotonicNanoseconds() - blocked
            seen.resume(1)
        }
        let counts = try ShortSlice.run(
            PipeWorkload.self, ["workers": "process", "msgsize": 4096], milliseconds: 50,
            hooks: hooks
        ) { $0.operations > 0 }
        #expect(counts.interval >= held - held / 1000)
        #expect(counts.bytes == counts.operations * 4096)
    }

    @Test(
        "An open loop shows a stall of the reader to all that was due meanwhile, a closed does not")
    func stall() throws {
        let (open, stall, _) = try late(rate: 1000)
        #expect(open + 4 >= stall / 2_000_000)
        let (closed, length, interval) = try late(rate: 0)
        #expect(closed <= interval / (length / 2))
    }

    /// Stops the reader for a while.
    ///
    /// - Returns: how many writes took half as long or longer, the while and the interval.
    private func late(rate: Int) throws -> (UInt64, UInt64, UInt64) {
        var stall: UInt64 = 0
        let hooks = Seen().hooks { seen in
            seen.stop(1)
            let start = Clock.monotonicNanoseconds()
            try? Clock.sleep(nanoseconds: 200_000_000)
            let end = Clock.monotonicNanoseconds()
            stall = end - start
            let before = seen.workers[0].transferred("wchar") ?? 0
            seen.resume(1)
            // What was due until then is through before the gate closes.
            let due = UInt64(rate) * (end - seen.forked) / 1_000_000_000 + 2
            settle("the writer caught up") {
                seen.workers[0].transferred("wchar") ?? 0 >= max(before + 4096, due * 4096)
            }
        }
        let counts = try ShortSlice.run(
            PipeWorkload.self,
            [
                "workers": "process", "msgsize": 4096, "pipe_size": 4096, "rate": .integer(rate),
            ], milliseconds: 500, hooks: hooks)
        let slow = stall * 49 / 100...TrackRecorder.highestLatency
        return (counts.tracks[0].latency.count(within: slow), stall, counts.interval)
    }

    @Test("A killed worker ends its slice at once, is told with its signal, and leaves no process")
    func killed() throws {
        for victim in 0...1 {
            let seen = Seen()
            let hooks = seen.hooks { try? ChildProcess(id: $0.workers[victim].id).kill(9) }
            let counts = try ShortSlice.run(
                PipeWorkload.self, ["workers": "process"], milliseconds: 600_000, hooks: hooks)
            #expect(counts.killedBy == 9)
            #expect(seen.workers.count == 2)
            #expect(seen.survivors.isEmpty)
        }
    }

    @Test("An interrupted slice ends as interrupted and leaves no process")
    func interrupted() throws {
        let said = try ShortSlice.said {
            try? Interrupts.catch()
            let seen = Seen()
            let hooks = seen.hooks { _ in try? ChildProcess(id: ChildProcess.currentID).kill(2) }
            do {
                _ = try ShortSlice.run(
                    PipeWorkload.self, ["workers": "process"], milliseconds: 600_000, hooks: hooks)
                return "nothing was thrown"
            } catch let error as PlumblineError {
                return "\(error.kind.rawValue), \(seen.survivors.count) left"
            } catch {
                return "\(error)"
            }
        }
        #expect(said == "interrupted, 0 left")
    }

    @Test("What a worker refuses reaches the caller, and leaves no process")
    func refusal() throws {
        let seen = Seen()
        let error = try #require(throws: PlumblineError.self) {
            try ShortSlice.run(
                PipeWorkload.self, ["workers": "process", "reader_cpus": "1000"],
                hooks: seen.hooks { _ in })
        }
        #expect(error.message.contains("CPUs 1000"))
        #expect(error.remedy.contains("CPUs allowed here"))
        #expect(seen.survivors.isEmpty)
    }

    @Test("Workers run where they are told to")
    func placement() throws {
        let cpu = try #require(try CPUSet.allowed().cpus.last)
        let counts = try ShortSlice.run(
            PipeWorkload.self,
            [
                "writer_cpus": .text("\(cpu)"), "reader_cpus": .text("\(cpu)"),
                "writer_numa_node": 0,
            ])
        #expect(counts.operations > 0)
        let said = try ShortSlice.said {
            try? WorkerPlacement(cpus: CPUSet([cpu])).apply()
            return (try? CPUSet.allowed()).map { "\($0)" } ?? ""
        }
        #expect(said == "\(cpu)")
    }

    @Test("Without timing there are counts and no latencies")
    func untimed() throws {
        let counts = try ShortSlice.run(PipeWorkload.self, ["timing": "off"])
        #expect(counts.operations > 0)
        #expect(counts.interval > 0)
        #expect(counts.tracks.allSatisfy { $0.latency.totalCount == 0 })
    }

    @Test("No operation of a slice allocates", arguments: ["thread", "process"], [0, 500])
    func heap(workers: String, rate: Int) throws {
        let counts = try ShortSlice.run(
            PipeWorkload.self,
            ["workers": .text(workers), "rate": .integer(rate), "msgsize": 4096])
        #expect(counts.operations > 0)
        #expect(counts.heapGrowth <= ShortSlice.heapSlack)
        let spliced = try ShortSlice.run(
            SpliceWorkload.self, ["workers": .text(workers), "mode": "vmsplice"])
        #expect(spliced.operations > 0)
        #expect(spliced.heapGrowth <= ShortSlice.heapSlack)
    }

    @Test("The kernel counts the bytes of a slice as its workers do")
    func kernelsCount() throws {
        var writer: ObservedProcess?
        var written: UInt64?
        var hooks = SliceRunner.Hooks()
        hooks.forked = { ids in writer = ids.first.map { ObservedProcess($0) } }
        hooks.parked = { written = writer?.transferred("wchar") }
        let counts = try ShortSlice.run(
            PipeWorkload.self, ["workers": "process", "msgsize": 3000, "verify": true],
            hooks: hooks)
        let kernel = Int(try #require(written))
        // Beside messages, a worker writes its oom_score_adj.
        #expect((0...16).contains(kernel - Int(counts.verification.written)))
    }
}
