// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

/// A job that keeps requests in flight through an `io_uring(7)` of its own: fio's io_uring.
///
/// As in fio, requests are submitted when `iodepth_batch_submit` of them are queued or the depth
/// is full; then, and only then, the job waits for `iodepth_batch_complete_min` completions. It
/// takes all that are there, where fio takes no more than it waited for.
struct RingLoop: ~Copyable {
    private static let drainNanoseconds: UInt64 = 10_000_000_000

    private let plan: DirectWorkload
    private let path: String
    private let clock: FastClock
    private let oracle: BlockOracle
    private var queue: RequestQueue
    private var sequence: OffsetSequence
    private var handicap: Handicap
    /// When the next submission begins: the reading that ended the last batch of completions.
    private var begun: UInt64 = 0

    /// Makes the ring, in the thread that will use it.
    init(_ job: DirectJob, _ file: consuming DirectFile) throws(PlumblineError) {
        let oracle = try BlockOracle(job.plan, job.region, seed: job.seed)
        queue = try RequestQueue(job, file)
        self.oracle = oracle
        plan = job.plan
        path = job.region.path
        clock = job.clock
        // Each slice has its own.
        sequence = OffsetSequence(.read, readShare: 100, blocks: 1, seed: 0)
        handicap = Handicap(percent: job.plan.handicap, clock: job.clock)
    }

    /// A slice, from the open gate until nothing is in flight.
    mutating func run(
        _ worker: inout Worker, _ blocks: OffsetSequence
    ) throws(PlumblineError) {
        sequence = blocks
        handicap = Handicap(percent: plan.handicap, clock: clock)
        if plan.rate > 0 {
            var pacer = Pacer(rate: plan.rate, clock: clock)
            while worker.gate.isGuarding { try pacedCycle(&pacer, &worker, counting: false) }
            _ = worker.begin()
            while worker.gate.isMeasuring { try pacedCycle(&pacer, &worker, counting: true) }
            worker.extendToNow()
        } else {
            begun = plan.timed ? clock.ticks() : 0
            while worker.gate.isGuarding {
                if handicap.isOn { handicap.sample(clock) }
                try cycle(&worker, counting: false)
            }
            let start = worker.begin()
            handicap.start(start)
            begun = plan.timed ? start : 0
            while worker.gate.isMeasuring {
                try cycle(&worker, counting: true)
                if handicap.isOn { pause(&worker) }
            }
        }
        worker.end()
        try drain(&worker)
        try oracle.readBack(queue.file, &worker)
    }

    /// The handicap's pause, where one is due.
    private mutating func pause(_ worker: inout Worker) {
        guard handicap.lap(measuring: true, worker.gate, &worker.first) else { return }
        worker.second.extend(to: worker.first.lastTicks)
    }

    /// Queues and submits a batch; where that fills the depth, waits and reaps too.
    @inline(__always)
    private mutating func cycle(
        _ worker: inout Worker, counting: Bool
    ) throws(PlumblineError) {
        var queued = 0
        while queued < plan.submitBatch, queue.free > 0, try queueNext(start: begun) {
            queued &+= 1
        }
        if queued == plan.submitBatch, queue.free > 0 {
            try queue.submit(wait: 0)
            if plan.timed { begun = clock.ticks() }
            return
        }
        try queue.submit(wait: min(plan.completeMin, queue.used))
        reap(&worker, counting: counting)
    }

    /// Queues and submits what is due, and reaps without ever waiting past the next due time.
    private mutating func pacedCycle(
        _ pacer: inout Pacer, _ worker: inout Worker, counting: Bool
    ) throws(PlumblineError) {
        if queue.used == 0 {
            guard let due = pacer.next(worker.gate, guarding: !counting) else { return }
            // With nothing in flight every block is free.
            _ = try queueNext(start: due)
        }
        let now = clock.ticks()
        while queue.free > 0, pacer.nextDue <= now, try queueNext(start: pacer.nextDue) {
            pacer.advance()
        }
        try queue.submit(wait: 0)
        reap(&worker, counting: counting)
    }

    /// Queues the next request.
    ///
    /// - Returns: `false` when every block is in flight and must not be touched.
    @inline(__always)
    private mutating func queueNext(start: UInt64) throws(PlumblineError) -> Bool {
        var step = sequence.next()
        if oracle.isOn {
            guard let claimed = oracle.claim(step) else { return false }
            step = claimed
        }
        let slot = queue.take(start: start)
        if oracle.isOn {
            queue.note(step, slot: slot)
            if step.isWrite { oracle.fill(queue.buffer(slot), block: step.block) }
        }
        try queue.add(step, slot: slot)
        return true
    }

    /// Takes the completions that are there, and counts them.
    ///
    /// Short and failed ones are noted whether or not the others count.
    /// Those of one submission have one start, so that they count in one step.
    @inline(__always)
    private mutating func reap(_ worker: inout Worker, counting: Bool) {
        let taken = queue.reap()
        guard taken > 0 else { return }
        let now = plan.timed ? clock.ticks() : 0
        var reads = Run()
        var writes = Run()
        for i in 0..<taken {
            let done = queue.completion(i)
            if oracle.isOn { settle(done, &worker.verification) }
            queue.giveBack(done.slot)
            // Beside the measured part only what went wrong counts.
            guard counting || done.result != plan.blockSize else { continue }
            if done.isWrite {
                count(done, at: now, in: &writes, recorder: &worker.second)
            } else {
                count(done, at: now, in: &reads, recorder: &worker.first)
            }
        }
        flush(reads, at: now, recorder: &worker.first)
        flush(writes, at: now, recorder: &worker.second)
        begun = oracle.isOn && plan.timed ? clock.ticks() : now
    }

    /// Completions with one start that are not counted yet.
    private struct Run {
        var count = 0
        var start: UInt64 = 0
    }

    @inline(__always)
    private func count(
        _ done: RequestQueue.Done, at now: UInt64, in run: inout Run,
        recorder: inout TrackRecorder
    ) {
        guard done.result == plan.blockSize else {
            recorder.note(Int32(truncatingIfNeeded: done.result))
            return
        }
        let start = queue.start(done.slot)
        if start != run.start {
            flush(run, at: now, recorder: &recorder)
            run = Run(count: 0, start: start)
        }
        run.count &+= 1
    }

    @inline(__always)
    private func flush(_ run: Run, at now: UInt64, recorder: inout TrackRecorder) {
        guard run.count > 0 else { return }
        if plan.timed {
            recorder.record(run.count, from: run.start, to: now, bytesEach: plan.blockSize)
        } else {
            recorder.count(run.count, bytesEach: plan.blockSize)
        }
    }

    @inline(never)
    private func settle(_ done: RequestQueue.Done, _ found: inout VerificationCounts) {
        oracle.settle(
            queue.step(done.slot), result: done.result,
            buffer: UnsafeRawBufferPointer(queue.buffer(done.slot)), &found)
    }

    /// Takes what is still in flight, which counts when it fails only: the kernel writes into the
    /// buffers until then.
    private mutating func drain(_ worker: inout Worker) throws(PlumblineError) {
        let end = Clock.monotonicNanoseconds() + Self.drainNanoseconds
        while queue.used > 0 {
            let before = queue.used
            try queue.submit(wait: 0)
            reap(&worker, counting: false)
            guard queue.used == before else { continue }
            if Clock.monotonicNanoseconds() > end {
                throw .failure(
                    "dio: \(queue.used) requests on \(path) did not end within 10 s",
                    remedy: "look at the kernel's log for a hung device")
            }
            try? Clock.sleep(nanoseconds: 50_000)
        }
    }

    /// Reads one block where the cell polls: only a request tells whether the device can be polled.
    mutating func probePolling() throws(PlumblineError) {
        guard plan.polls else { return }
        let slot = queue.take(start: 0)
        try queue.add(OffsetSequence.Step(block: 0, isWrite: false), slot: slot)
        while queue.reap() == 0 { try queue.submit(wait: 1) }
        queue.giveBack(slot)
        let result = queue.completion(0).result
        if result < 0 { throw DirectErrors.noPolling(path, Errno(rawValue: Int32(-result))) }
    }
}
