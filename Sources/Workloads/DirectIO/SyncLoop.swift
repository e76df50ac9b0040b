// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// A job that has one `pread(2)` or `pwrite(2)` in flight: fio's psync.
struct SyncLoop: ~Copyable {
    private let file: DirectFile
    private let memory: MappedMemory
    private let oracle: BlockOracle
    private let clock: FastClock
    private let base: Int
    private let blockSize: Int
    private let timed: Bool
    private let rate: Double
    private let percent: Double
    private var handicap: Handicap
    private var sequence: OffsetSequence

    init(_ job: DirectJob, _ file: consuming DirectFile) throws(PlumblineError) {
        let memory = try job.buffers()
        let oracle = try BlockOracle(job.plan, job.region, seed: job.seed)
        self.file = file
        self.memory = memory
        self.oracle = oracle
        clock = job.clock
        base = job.region.layout.base
        blockSize = job.plan.blockSize
        timed = job.plan.timed
        rate = job.plan.rate
        percent = job.plan.handicap
        handicap = Handicap(percent: percent, clock: job.clock)
        // Each slice has its own.
        sequence = OffsetSequence(.read, readShare: 100, blocks: 1, seed: 0)
    }

    /// A slice, from the open gate on.
    mutating func run(
        _ worker: inout Worker, _ blocks: OffsetSequence
    ) throws(PlumblineError) {
        sequence = blocks
        handicap = Handicap(percent: percent, clock: clock)
        if rate > 0 {
            runPaced(&worker)
        } else {
            while worker.gate.isGuarding {
                if handicap.isOn { handicap.sample(clock) }
                warmUp(&worker)
            }
            var start = worker.begin()
            handicap.start(start)
            while worker.gate.isMeasuring {
                let step = sequence.next()
                let moved = transfer(step, &worker.verification)
                let end = timed ? clock.ticks() : 0
                count(step, moved: moved, from: start, to: end, &worker)
                // One reading ends a request and starts the next; proving is not part of one.
                start = oracle.isOn && timed ? clock.ticks() : end
                if handicap.isOn { pause(&worker) }
            }
            worker.end()
        }
        try oracle.readBack(file, &worker)
    }

    /// The handicap's pause, where one is due.
    private mutating func pause(_ worker: inout Worker) {
        guard handicap.lap(measuring: true, worker.gate, &worker.first) else { return }
        worker.second.extend(to: worker.first.lastTicks)
    }

    /// Requests at their due times, latency from there.
    private mutating func runPaced(_ worker: inout Worker) {
        var pacer = Pacer(rate: rate, clock: clock)
        while worker.gate.isGuarding, pacer.next(worker.gate, guarding: true) != nil {
            warmUp(&worker)
        }
        _ = worker.begin()
        while worker.gate.isMeasuring, let due = pacer.next(worker.gate) {
            let step = sequence.next()
            let moved = transfer(step, &worker.verification)
            count(step, moved: moved, from: due, to: timed ? clock.ticks() : 0, &worker)
        }
        worker.extendToNow()
        worker.end()
    }

    /// A request of the guard, which counts when it is short or fails only.
    private mutating func warmUp(_ worker: inout Worker) {
        let step = sequence.next()
        let moved = transfer(step, &worker.verification)
        if moved != blockSize { count(step, moved: moved, from: 0, to: 0, &worker) }
    }

    /// One request; bytes, or a negative errno.
    @inline(__always)
    private func transfer(
        _ wanted: OffsetSequence.Step, _ found: inout VerificationCounts
    ) -> Int {
        // With nothing else in flight every block is free.
        let step = oracle.isOn ? oracle.claim(wanted) ?? wanted : wanted
        if oracle.isOn, step.isWrite { oracle.fill(memory.bytes, block: step.block) }
        let offset = base &+ step.block &* blockSize
        let result: Int
        do {
            result =
                step.isWrite
                ? try file.descriptor.write(UnsafeRawBufferPointer(memory.bytes), at: offset)
                : try file.descriptor.read(into: memory.bytes, at: offset)
        } catch {
            result = -Int(error.rawValue)
        }
        if oracle.isOn {
            oracle.settle(
                step, result: result, buffer: UnsafeRawBufferPointer(memory.bytes), &found)
        }
        return result
    }

    @inline(__always)
    private func count(
        _ step: OffsetSequence.Step, moved: Int, from start: UInt64, to end: UInt64,
        _ worker: inout Worker
    ) {
        if step.isWrite {
            count(moved, from: start, to: end, &worker.second)
        } else {
            count(moved, from: start, to: end, &worker.first)
        }
    }

    @inline(__always)
    private func count(
        _ moved: Int, from start: UInt64, to end: UInt64, _ recorder: inout TrackRecorder
    ) {
        guard moved == blockSize else {
            recorder.note(Int32(truncatingIfNeeded: moved))
            return
        }
        if timed {
            recorder.record(from: start, to: end, bytes: moved)
        } else {
            recorder.count(bytes: moved)
        }
    }
}
