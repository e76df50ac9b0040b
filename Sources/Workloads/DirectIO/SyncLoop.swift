// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

/// A job that has one `pread(2)` or `pwrite(2)` in flight: fio's psync.
struct SyncLoop: ~Copyable {
    private let job: DirectJob
    private let file: DirectFile
    private let memory: MappedMemory
    private let oracle: BlockOracle
    private var handicap: Handicap
    private var sequence: OffsetSequence

    /// Makes all that the job needs.
    init(_ job: DirectJob, _ file: consuming DirectFile) throws(PlumblineError) {
        let memory = try job.buffers()
        let oracle = try BlockOracle(job.plan, job.region, seed: job.seed)
        self.job = job
        self.memory = memory
        self.oracle = oracle
        self.file = file
        handicap = Handicap(percent: job.plan.handicap, clock: job.clock)
        sequence = job.sequence(seed: job.seed)
    }

    private var plan: DirectWorkload {
        @inline(__always) _read { yield job.plan }
    }

    /// Runs from the start of the guard until the last request has ended; may be called again.
    ///
    /// - Parameter seed: of the offsets.
    mutating func run(_ worker: inout Worker, seed: UInt64) throws(PlumblineError) {
        sequence = job.sequence(seed: seed)
        oracle.beginSlice()
        if plan.rate > 0 { runPaced(&worker) } else { runClosed(&worker) }
        worker.end()
        try oracle.readBack(file, &worker)
    }

    /// One request after the other.
    private mutating func runClosed(_ worker: inout Worker) {
        handicap = Handicap(percent: plan.handicap, clock: job.clock)
        while worker.gate.isGuarding {
            if handicap.isOn { handicap.sample(job.clock) }
            warmUp(&worker)
        }
        var start = worker.begin()
        handicap.start(start)
        while worker.gate.isMeasuring {
            let step = sequence.next()
            let moved = transfer(step, &worker.verification)
            let end = plan.timed ? job.clock.ticks() : 0
            count(step, moved: moved, from: start, to: end, &worker)
            // One reading ends a request and starts the next; proving is not part of one.
            start = oracle.isOn && plan.timed ? job.clock.ticks() : end
            if handicap.isOn { pause(&worker) }
        }
    }

    /// The handicap's pause, where one is due.
    private mutating func pause(_ worker: inout Worker) {
        guard handicap.lap(measuring: true, worker.gate, &worker.first) else { return }
        worker.second.extend(to: worker.first.lastTicks)
    }

    /// Requests at their due times, latency from there.
    private mutating func runPaced(_ worker: inout Worker) {
        var pacer = Pacer(rate: plan.rate, clock: job.clock)
        while worker.gate.isGuarding, pacer.next(worker.gate, guarding: true) != nil {
            warmUp(&worker)
        }
        _ = worker.begin()
        while worker.gate.isMeasuring, let due = pacer.next(worker.gate) {
            let step = sequence.next()
            let moved = transfer(step, &worker.verification)
            count(step, moved: moved, from: due, to: plan.timed ? job.clock.ticks() : 0, &worker)
        }
        worker.extendToNow()
    }

    /// A request of the guard, which counts when it is short or fails only.
    private mutating func warmUp(_ worker: inout Worker) {
        let step = sequence.next()
        let moved = transfer(step, &worker.verification)
        if moved != plan.blockSize { count(step, moved: moved, from: 0, to: 0, &worker) }
    }

    /// One request; bytes, or a negative errno.
    @inline(__always)
    private func transfer(
        _ wanted: OffsetSequence.Step, _ found: inout VerificationCounts
    ) -> Int {
        // With nothing else in flight every block is free.
        let step = oracle.isOn ? oracle.claim(wanted) ?? wanted : wanted
        if oracle.isOn, step.isWrite { oracle.fill(memory.bytes, block: step.block) }
        let offset = job.region.layout.base &+ step.block &* plan.blockSize
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
        guard moved == plan.blockSize else {
            recorder.note(Int32(truncatingIfNeeded: moved))
            return
        }
        if plan.timed {
            recorder.record(from: start, to: end, bytes: moved)
        } else {
            recorder.count(bytes: moved)
        }
    }
}
