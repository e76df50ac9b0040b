// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import TestSupport
import Testing

@testable import Workloads

extension Slices {
    /// Slices on real files; one after the other, because each has workers of its own.
    @Suite struct DirectSliceTests {
        /// Runs a slice and expects that all requests moved all bytes and all blocks are right.
        @discardableResult
        private func proved(
            _ settings: [String: SettingValue], in directory: String, milliseconds: Int = 50
        ) throws -> SliceCounts {
            let told = settings.merging(["verify": true, "size": "4m"]) { own, _ in own }
            let workload = try DirectSupport.workload(told)
            let counts = try DirectSupport.slice(
                told, in: directory, milliseconds: milliseconds
            ) {
                ShortSlice.isWhole($0, tracks: workload.rateTracks) && $0.verification.proven > 0
            }
            #expect(counts.tracks.map(\.name) == workload.rateTracks, "\(told)")
            for track in counts.tracks {
                #expect(track.operations > 0, "\(told)")
                #expect(track.bytes == track.operations * UInt64(workload.blockSize))
                #expect(track.shortOperations == 0 && track.errors.isEmpty, "\(track.errors)")
                #expect(track.latency.totalCount == track.operations)
            }
            #expect(counts.verification.corruptions == 0, "\(told): \(counts.verification)")
            #expect(counts.verification.unproven == 0)
            #expect(counts.verification.proven > 0)
            #expect(counts.interval > 0)
            return counts
        }

        @Test(
            "each pattern proves its data",
            arguments: DirectWorkload.Access.allCases.map(\.rawValue),
            DirectWorkload.Engine.allCases.map(\.rawValue))
        func patterns(access: String, engine: String) throws {
            try DirectSupport.withDirectory { directory in
                let depth: SettingValue = engine == "psync" ? 1 : 8
                try proved(
                    ["rw": .text(access), "ioengine": .text(engine), "iodepth": depth],
                    in: directory)
            }
        }

        @Test(
            "each block size proves its data", arguments: [512, 4096, 65536, 1 << 20],
            DirectWorkload.Engine.allCases.map(\.rawValue))
        func blockSizes(size: Int, engine: String) throws {
            try DirectSupport.withDirectory { directory in
                let path = "\(directory)/probe"
                try DirectSupport.makeFile(path, bytes: 4096)
                guard size.isMultiple(of: try DirectFile(path).alignment) else { return }
                for access in ["randread", "randrw"] {
                    try proved(
                        [
                            "rw": .text(access), "bs": .integer(size), "ioengine": .text(engine),
                            "iodepth": engine == "psync" ? 1 : 4, "size": "8m",
                        ], in: directory)
                }
            }
        }

        @Test("jobs prove their own data", arguments: [1, 2, 3, 8], ["thread", "process"])
        func jobs(count: Int, workers: String) throws {
            try DirectSupport.withDirectory { directory in
                let counts = try proved(
                    [
                        "rw": "randrw", "numjobs": .integer(count), "workers": .text(workers),
                        "iodepth": 4, "size": "1m",
                    ], in: directory, milliseconds: 80)
                let files = try SystemFile.list(directory)
                #expect(files.count == count)
                #expect(counts.killedBy == nil)
            }
        }

        @Test(
            "each depth, batch and registration proves its data",
            arguments: [
                (1, 1, 1), (2, 1, 2), (16, 5, 3), (128, 32, 32), (128, 128, 1), (128, 1, 128),
            ])
        func queues(depth: Int, submit: Int, complete: Int) throws {
            try DirectSupport.withDirectory { directory in
                for (registered, reap) in [(false, "full"), (true, "full"), (true, "each")] {
                    let flag = SettingValue.flag(registered)
                    for access in ["randread", "randrw"] {
                        try proved(
                            [
                                "rw": .text(access), "iodepth": .integer(depth),
                                "iodepth_batch_submit": .integer(submit),
                                "iodepth_batch_complete_min": .integer(complete),
                                "reap": .text(reap), "fixedbufs": flag, "registerfiles": flag,
                                "registerring": flag,
                            ], in: directory, milliseconds: 30)
                    }
                }
            }
        }

        @Test("fewer blocks than requests: no block is written while in flight")
        func crowded() throws {
            try DirectSupport.withDirectory { directory in
                try proved(["rw": "randrw", "size": "32k", "iodepth": 64], in: directory)
                try proved(["rw": "write", "size": "4k", "iodepth": 4], in: directory)
            }
        }

        @Test("the kernel's thread submits as well")
        func submissionPolling() throws {
            try DirectSupport.withDirectory { directory in
                let settings: [String: SettingValue] = [
                    "rw": "randrw", "iodepth": 16, "sqthread_poll": true, "registerfiles": true,
                ]
                try proved(settings, in: directory)
                try proved(settings.merging(["reap": "each"]) { _, new in new }, in: directory)
            }
        }

        @Test("without timing operations count and no latency is kept")
        func untimed() throws {
            try DirectSupport.withDirectory { directory in
                for engine in ["psync", "io_uring"] {
                    let counts = try DirectSupport.slice(
                        ["timing": "off", "ioengine": .text(engine), "size": "1m"], in: directory)
                    #expect(counts.operations > 0)
                    #expect(counts.tracks.allSatisfy { $0.latency.totalCount == 0 })
                    #expect(counts.interval > 0)
                }
            }
        }

        @Test(
            "a slice takes nothing from the heap", arguments: ["randread", "randrw", "write"],
            DirectWorkload.Engine.allCases.map(\.rawValue))
        func heap(access: String, engine: String) throws {
            let queue: [String: SettingValue] =
                engine == "psync"
                ? ["ioengine": "psync"]
                : ["iodepth": 32, "iodepth_batch_submit": 8, "reap": "each", "fixedbufs": true]
            // An unoptimized build makes a generic type's metadata when it is first used.
            var recorder = TrackRecorder(clock: DirectSupport.clock)
            recorder.record(1, from: 0, to: 1, bytesEach: 1)
            recorder.record(from: 0, to: 1, bytes: 1)
            try DirectSupport.withDirectory { directory in
                for timing in ["op", "off"] {
                    let told = queue.merging([
                        "rw": .text(access), "size": "1m", "timing": .text(timing),
                    ]) { own, _ in own }
                    let counts = try DirectSupport.slice(told, in: directory)
                    #expect(counts.operations > 0)
                    #expect(counts.heapGrowth == 0, "\(told)")
                }
            }
        }

        @Test("what is counted is what the kernel says was read and written")
        func kernelAgrees() throws {
            try DirectSupport.withDirectory { directory in
                for engine in ["psync", "io_uring"] {
                    var worker: ObservedProcess?
                    var read: UInt64?
                    var written: UInt64?
                    var hooks = SliceRunner.Hooks()
                    hooks.forked = { ids in worker = ids.first.map { ObservedProcess($0) } }
                    // It has ended then and waits to be waited for.
                    hooks.closing = {
                        settle("the worker ended") { worker?.hasEnded == true }
                        read = worker?.transferred("read_bytes")
                        written = worker?.transferred("write_bytes")
                    }
                    let counts = try DirectSupport.slice(
                        ["rw": "randrw", "verify": true, "size": "1m", "ioengine": .text(engine)],
                        in: directory, hooks: hooks)
                    #expect(read == counts.verification.read)
                    #expect(written == counts.verification.written)
                    try #require(counts.tracks.count == 2)
                    #expect(counts.verification.read >= counts.tracks[0].bytes)
                    #expect(counts.verification.written >= counts.tracks[1].bytes)
                }
            }
        }

        @Test("an open loop does what was due and no more", arguments: ["psync", "io_uring"])
        func openLoop(engine: String) throws {
            try DirectSupport.withDirectory { directory in
                let depth: SettingValue = engine == "psync" ? 1 : 16
                var (start, end) = (UInt64(0), UInt64(0))
                var hooks = SliceRunner.Hooks()
                hooks.forked = { _ in start = Clock.monotonicNanoseconds() }
                hooks.closing = { end = Clock.monotonicNanoseconds() }
                let counts = try DirectSupport.slice(
                    [
                        "rate_iops": 2000, "ioengine": .text(engine), "size": "1m",
                        "iodepth": depth,
                    ], in: directory, milliseconds: 200, hooks: hooks
                ) { $0.operations >= 100 }
                #expect(counts.operations >= 100)
                // One each half of a millisecond, from the start of the guard on.
                #expect(counts.operations <= (end - start) / 500_000 + 1)
            }
        }

        @Test(
            "an open loop shows a stall to all that was due meanwhile, a closed loop to one",
            arguments: ["psync", "io_uring"])
        func stall(engine: String) throws {
            let (open, stall, _) = try late(engine, rate: 1000)
            #expect(open + 4 >= stall / 2_000_000)
            let (closed, length, interval) = try late(engine, rate: 0)
            #expect(closed <= interval / (length / 2))
        }

        /// Stops the worker for a while.
        ///
        /// - Returns: how many requests took half as long or longer, the while and the interval.
        private func late(_ engine: String, rate: Int) throws -> (UInt64, UInt64, UInt64) {
            var worker = ObservedProcess(0)
            var (forked, stall) = (UInt64(0), UInt64(0))
            var isOpen = false
            var hooks = SliceRunner.Hooks()
            hooks.forked = { ids in
                worker = ObservedProcess(ids[0])
                forked = Clock.monotonicNanoseconds()
            }
            hooks.opening = { isOpen = true }
            hooks.pulse = {
                guard isOpen else { return }
                isOpen = false
                try? ChildProcess(id: worker.id).kill(19)
                settle("the worker is stopped") { worker.state == "T" }
                let start = Clock.monotonicNanoseconds()
                try? Clock.sleep(nanoseconds: 200_000_000)
                let end = Clock.monotonicNanoseconds()
                stall = end - start
                let before = worker.transferred("read_bytes") ?? 0
                try? ChildProcess(id: worker.id).kill(18)
                // What was due until then is done before the gate closes.
                let due = UInt64(rate) * (end - forked) / 1_000_000_000 + 2
                settle("the worker caught up") {
                    worker.transferred("read_bytes") ?? 0 >= max(before + 8192, due * 4096)
                }
            }
            return try DirectSupport.withDirectory { directory in
                let counts = try DirectSupport.slice(
                    ["rate_iops": .integer(rate), "ioengine": .text(engine), "size": "1m"],
                    in: directory, milliseconds: 300, hooks: hooks)
                let slow = stall * 49 / 100...TrackRecorder.highestLatency
                let latency = try #require(counts.tracks.first).latency
                return (latency.count(within: slow), stall, counts.interval)
            }
        }
    }
}
