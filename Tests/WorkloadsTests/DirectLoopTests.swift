// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Glibc
import Linux
import Testing

@testable import Workloads

extension Slices {
    /// The loops alone, without workers of their own.
    @Suite struct DirectLoopTests {
        private func job(
            _ settings: [String: SettingValue], path: String, blocks: Int
        ) throws -> DirectJob {
            let plan = try DirectSupport.workload(
                settings.merging(["size": .integer(blocks * 4096)]) { own, _ in own })
            let layout = FileLayout(
                base: 0, bytes: plan.regionSize, job: 0, seed: 1, contents: Contents(plan))
            return DirectJob(
                plan: plan,
                region: DirectSite.Region(path: path, layout: layout, isLaidOut: false),
                clock: DirectSupport.clock, seed: 7)
        }

        /// Runs the measured part for a time.
        private func measured(
            milliseconds: UInt64, _ body: (inout Worker) throws -> Void
        ) throws -> Worker {
            let memory = try TallyMemory(workers: 1)
            let gate = memory.gate
            var worker = Worker(index: 0, in: memory, clock: DirectSupport.clock, timed: true)
            gate.turn(to: .measuring)
            let closer = try WorkerThread.start {
                try? Clock.sleep(nanoseconds: milliseconds * 1_000_000)
                gate.turn(to: .draining)
            }
            try body(&worker)
            closer.join()
            return withExtendedLifetime(memory) { worker }
        }

        @Test(
            "reads that end at once use the buffers of one batch with reap=each, all with full",
            arguments: [(DirectWorkload.Reaping.each, 32), (.full, 128)])
        func buffers(reaping: DirectWorkload.Reaping, expected: Int) throws {
            try DirectSupport.withDirectory { directory in
                let path = "\(directory)/given"
                try DirectSupport.makeFile(path, bytes: 64 * 4096)
                let file = try DirectFile(path)
                // Without O_DIRECT reads come from the page cache, and so end in their submission.
                try #require(fcntl(file.descriptor.rawValue, F_SETFL, 0) == 0)
                var loop = try RingLoop(
                    job(
                        [
                            "iodepth": 128, "iodepth_batch_submit": 32,
                            "iodepth_batch_complete_min": 32, "reap": .text(reaping.rawValue),
                        ], path: path, blocks: 64), file)
                var operations: UInt64 = 0
                while operations < 1024 {
                    let worker = try measured(milliseconds: 20) {
                        try loop.run(&$0, seed: operations)
                    }
                    operations += worker.first.operations
                }
                let used = (0..<128).count { slot in
                    loop.queue.buffer(slot).contains { $0 != 0 }
                }
                #expect(used == expected)
            }
        }

        @Test(
            "a loop runs again and again, leaves nothing in flight and proves its data",
            arguments: ["full", "each"], [0, 2000])
        func again(reap: String, rate: Int) throws {
            try DirectSupport.withDirectory { directory in
                let path = "\(directory)/given"
                try DirectSupport.makeFile(path, bytes: 64 * 4096)
                var loop = try RingLoop(
                    job(
                        [
                            "rw": "randrw", "verify": true, "iodepth": 16, "reap": .text(reap),
                            "rate_iops": .integer(rate),
                        ], path: path, blocks: 64), DirectFile(path, .readWrite))
                var proven: UInt64 = 0
                for seed in 1...3 as ClosedRange<UInt64> {
                    let worker = try measured(milliseconds: 30) { try loop.run(&$0, seed: seed) }
                    let inFlight = loop.queue.used
                    #expect(inFlight == 0)
                    #expect(worker.verification.corruptions == 0)
                    proven += worker.verification.proven
                }
                #expect(proven > 0)
            }
        }

        @Test("a loop of pread and pwrite runs again and again and proves its data")
        func syncAgain() throws {
            try DirectSupport.withDirectory { directory in
                let path = "\(directory)/given"
                try DirectSupport.makeFile(path, bytes: 64 * 4096)
                var loop = try SyncLoop(
                    job(
                        ["rw": "randrw", "verify": true, "ioengine": "psync"], path: path,
                        blocks: 64), DirectFile(path, .readWrite))
                var proven: UInt64 = 0
                for seed in 1...3 as ClosedRange<UInt64> {
                    let worker = try measured(milliseconds: 30) { try loop.run(&$0, seed: seed) }
                    #expect(worker.verification.corruptions == 0)
                    proven += worker.verification.proven
                }
                #expect(proven > 0)
            }
        }
    }
}
