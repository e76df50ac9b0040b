// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage
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

    /// A slice that is `done`, or the sixth, each twice as long as the one before.
    static func repeated(
        milliseconds: Int, hooks: SliceRunner.Hooks, _ workload: any Workload,
        in environment: WorkloadEnvironment, until done: (SliceCounts) -> Bool
    ) throws -> SliceCounts {
        var duration = milliseconds * 1_000_000
        while true {
            var runner = SliceRunner(guardTime: 5_000_000, duration: duration, clock: clock)
            runner.hooks = hooks
            let counts = try runner.run(workload, in: environment)
            if done(counts) || duration >= milliseconds * 32_000_000 { return counts }
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
    var workers: [Int32] = []
    var isOpen = false
    var pulses = 0

    /// Hooks that call `act` at the first pulse of the measured part: after a quarter of a second,
    /// or at its end when that is sooner.
    func hooks(_ act: @escaping (Seen) -> Void) -> SliceRunner.Hooks {
        var hooks = SliceRunner.Hooks()
        hooks.forked = { self.workers = $0 }
        hooks.opening = { self.isOpen = true }
        hooks.pulse = {
            guard self.isOpen else { return }
            self.pulses += 1
            if self.pulses == 1 { act(self) }
        }
        return hooks
    }

    var survivors: [Int32] { workers.filter { (try? ChildProcess(id: $0).kill(0)) != nil } }
}

private let stop: Int32 = 19
private let resume: Int32 = 18

private func sleep(milliseconds: UInt64) {
    try? Clock.sleep(nanoseconds: milliseconds * 1_000_000)
}

@Suite(.serialized) struct SliceRunnerTests {
    @Test("The interval is measured: it lasts until the last write is through")
    func lateEnd() throws {
        let seen = Seen()
        var hooks = seen.hooks {
            try? ChildProcess(id: $0.workers[1]).kill(stop)
            sleep(milliseconds: 200)
        }
        hooks.closing = { try? ChildProcess(id: seen.workers[1]).kill(resume) }
        let counts = try ShortSlice.run(
            PipeWorkload.self, ["workers": "process", "msgsize": 4096], milliseconds: 50,
            hooks: hooks)
        #expect(counts.interval > 100_000_000)
        #expect(counts.bytes == counts.operations * 4096)
    }

    @Test("Five writes a second are not taken for five times the slice's length")
    func slowRate() throws {
        let counts = try ShortSlice.run(
            PipeWorkload.self, ["rate": 5, "msgsize": 1000], milliseconds: 300
        ) { $0.operations > 0 }
        #expect((1...2).contains(counts.operations))
        #expect(counts.bytes == counts.operations * 1000)
        #expect(counts.interval != 300_000_000)
        #expect(counts.interval > 100_000_000)
    }

    @Test("An open loop shows a stall of the reader that a closed loop hides")
    func stall() throws {
        func late(_ rate: Int) throws -> UInt64 {
            let hooks = Seen().hooks {
                try? ChildProcess(id: $0.workers[1]).kill(stop)
                sleep(milliseconds: 100)
                try? ChildProcess(id: $0.workers[1]).kill(resume)
            }
            let counts = try ShortSlice.run(
                PipeWorkload.self,
                [
                    "workers": "process", "msgsize": 4096, "pipe_size": 4096,
                    "rate": .integer(rate),
                ], milliseconds: 500, hooks: hooks)
            return counts.tracks[0].latency.count(within: 20_000_000...60_000_000_000)
        }
        let open = try late(1000)
        let closed = try late(0)
        #expect(closed >= 1)
        #expect(open >= 40)
        #expect(open > closed * 4)
    }

    @Test("A killed worker ends its slice at once, is told with its signal, and leaves no process")
    func killed() throws {
        for victim in 0...1 {
            let seen = Seen()
            let hooks = seen.hooks { try? ChildProcess(id: $0.workers[victim]).kill(9) }
            let counts = try ShortSlice.run(
                PipeWorkload.self, ["workers": "process"], milliseconds: 60_000, hooks: hooks)
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
                    PipeWorkload.self, ["workers": "process"], milliseconds: 400, hooks: hooks)
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
        // A writer that has ended and is not waited for still has its counts.
        let clock = ShortSlice.clock
        var written: [Int32: UInt64] = [:]
        var hooks = SliceRunner.Hooks()
        var ids: [Int32] = []
        hooks.forked = { ids = $0 }
        hooks.closing = {
            // Workers write nothing but messages, and the last one is through within this time
            // because the reader goes on.
            for id in ids {
                var last: UInt64?
                for _ in 0..<200 {
                    let now = Self.charactersWritten(id)
                    if now == nil || now == last { break }
                    last = now
                    sleep(milliseconds: 20)
                }
                written[id] = last
            }
        }
        var runner = SliceRunner(guardTime: 5_000_000, duration: 50_000_000, clock: clock)
        runner.hooks = hooks
        let counts = try runner.run(
            try ShortSlice.workload(
                PipeWorkload.self, ["workers": "process", "msgsize": 3000, "verify": true]),
            in: WorkloadEnvironment(seed: 1))
        let kernel = try #require(written[ids[0]])
        // Beside messages, a worker writes its oom_score_adj.
        #expect(kernel - counts.verification.written <= 16)
    }

    private static func charactersWritten(_ id: Int32) -> UInt64? {
        guard let text = try? SystemFile.read("/proc/\(id)/io") else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("wchar: ") }
        return line.flatMap { UInt64($0.dropFirst("wchar: ".count)) }
    }
}
