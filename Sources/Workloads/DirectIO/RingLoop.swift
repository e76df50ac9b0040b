// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

/// A job that keeps requests in flight through an `io_uring(7)` of its own: fio's io_uring, and
/// with `reap=each` fio's t/io_uring.
///
/// As in fio, requests are submitted when `iodepth_batch_submit` of them are queued or the depth
/// is full; then, and only then, the job waits for `iodepth_batch_complete_min` completions. It
/// takes all that are there, where fio takes no more than it waited for. With `reap=each` it takes
/// what is there after each submission, and waits when no batch of that size fits into the depth.
struct RingLoop: ~Copyable {
    private static let drainNanoseconds: UInt64 = 10_000_000_000

    private let job: DirectJob
    private let oracle: BlockOracle
    private(set) var queue: RequestQueue
    private var sequence: OffsetSequence
    private var handicap: Handicap
    /// When this run began, in ticks: starts in a request's mark are counted from here.
    private var origin: UInt64 = 0
    /// When the next submission begins: the reading that ended the last batch.
    private var begun: UInt64 = 0

    /// Makes all that the job needs, in the thread that will use it.
    init(_ job: DirectJob, _ file: consuming DirectFile) throws(PlumblineError) {
        let oracle = try BlockOracle(job.plan, job.region, seed: job.seed)
        var queue = try RequestQueue(job, file)
        if job.plan.polls { try queue.probePolling(job.region.path) }
        self.queue = queue
        self.job = job
        self.oracle = oracle
        sequence = job.sequence(seed: job.seed)
        handicap = Handicap(percent: job.plan.handicap, clock: job.clock)
    }

    private var plan: DirectWorkload {
        @inline(__always) _read { yield job.plan }
    }

    /// Runs from the start of the guard until all requests have ended; may be called again.
    ///
    /// - Parameter seed: of the offsets.
    mutating func run(_ worker: inout Worker, seed: UInt64) throws(PlumblineError) {
        sequence = job.sequence(seed: seed)
        oracle.beginSlice()
        origin = job.clock.ticks()
        begun = origin
        if plan.rate > 0 { try runPaced(&worker) } else { try runClosed(&worker) }
        worker.end()
        try drain(&worker)
        try oracle.readBack(queue.file, &worker)
    }

    /// A closed loop: the depth is kept full.
    private mutating func runClosed(_ worker: inout Worker) throws(PlumblineError) {
        handicap = Handicap(percent: plan.handicap, clock: job.clock)
        while worker.gate.isGuarding {
            if handicap.isOn { handicap.sample(job.clock) }
            try cycle(&worker, counting: false)
        }
        begun = worker.begin()
        handicap.start(begun)
        while worker.gate.isMeasuring {
            try cycle(&worker, counting: true)
            if handicap.isOn { pause(&worker) }
        }
    }

    /// Queues and submits a batch; where that fills the depth, waits too; and takes what has ended.
    @inline(__always)
    private mutating func cycle(
        _ worker: inout Worker, counting: Bool
    ) throws(PlumblineError) {
        var queued = 0
        while queued < plan.submitBatch, queue.free > 0, try queueNext(start: begun) {
            queued &+= 1
        }
        let hasRoom =
            plan.reapsEach
            ? queued > 0 && queue.free >= queued
            : queued == plan.submitBatch && queue.free > 0
        try queue.submit(wait: hasRoom ? 0 : min(plan.completeMin, queue.used))
        if plan.reapsEach || !hasRoom {
            reap(&worker, counting: counting)
        } else if plan.timed {
            begun = job.clock.ticks()
        }
    }

    /// An open loop: requests are queued and submitted at their due times.
    private mutating func runPaced(_ worker: inout Worker) throws(PlumblineError) {
        var pacer = Pacer(rate: plan.rate, clock: job.clock)
        while worker.gate.isGuarding { try pacedCycle(&pacer, &worker, counting: false) }
        _ = worker.begin()
        while worker.gate.isMeasuring { try pacedCycle(&pacer, &worker, counting: true) }
        worker.extendToNow()
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
        let now = job.clock.ticks()
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
        let slot = queue.take()
        if oracle.isOn {
            queue.note(step, slot: slot)
            if step.isWrite { oracle.fill(queue.buffer(slot), block: step.block) }
        }
        try queue.add(step, slot: slot, start: start &- origin)
        return true
    }

    /// Takes the requests that have ended, and counts them.
    ///
    /// Short and failed ones are noted whether or not the others count.
    /// Those of one submission have one start, so that they count in one step.
    @inline(__always)
    private mutating func reap(_ worker: inout Worker, counting: Bool) {
        let ended = queue.ended
        let now = plan.timed ? job.clock.ticks() : begun
        var batch = Batch()
        for i in 0..<ended {
            let done = queue.done(i)
            if oracle.isOn { settle(done, &worker.verification) }
            queue.giveBack(done.mark.slot)
            guard done.result == plan.blockSize else {
                note(done, &worker)
                continue
            }
            if done.mark.start != batch.start {
                if counting { count(batch, at: now, &worker) }
                batch = Batch(start: done.mark.start)
            }
            batch.requests &+= 1
            batch.writes &+= done.mark.isWrite ? 1 : 0
        }
        queue.remove(ended)
        if counting { count(batch, at: now, &worker) }
        begun = oracle.isOn && plan.timed ? job.clock.ticks() : now
    }

    /// Requests with one start that have moved all their bytes.
    private struct Batch {
        var start: UInt64 = 0
        var requests = 0
        /// How many of them are writes.
        var writes = 0
    }

    @inline(__always)
    private func count(_ batch: Batch, at now: UInt64, _ worker: inout Worker) {
        let reads = batch.requests &- batch.writes
        if reads > 0 { count(reads, since: batch.start, at: now, &worker.first) }
        if batch.writes > 0 { count(batch.writes, since: batch.start, at: now, &worker.second) }
    }

    @inline(__always)
    private func count(
        _ requests: Int, since start: UInt64, at now: UInt64, _ recorder: inout TrackRecorder
    ) {
        if plan.timed {
            recorder.record(requests, from: origin &+ start, to: now, bytesEach: plan.blockSize)
        } else {
            recorder.count(requests, bytesEach: plan.blockSize)
        }
    }

    @inline(never)
    private func note(_ done: RequestQueue.Done, _ worker: inout Worker) {
        let result = Int32(truncatingIfNeeded: done.result)
        if done.mark.isWrite { worker.second.note(result) } else { worker.first.note(result) }
    }

    @inline(never)
    private func settle(_ done: RequestQueue.Done, _ found: inout VerificationCounts) {
        let slot = done.mark.slot
        oracle.settle(
            queue.step(slot), result: done.result,
            buffer: UnsafeRawBufferPointer(queue.buffer(slot)), &found)
    }

    /// The handicap's pause, where one is due.
    private mutating func pause(_ worker: inout Worker) {
        guard handicap.lap(measuring: true, worker.gate, &worker.first) else { return }
        worker.second.extend(to: worker.first.lastTicks)
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
                    "dio: \(queue.used) requests on \(job.region.path) did not end within 10 s",
                    remedy: "look at the kernel's log for a hung device")
            }
            try? Clock.sleep(nanoseconds: 50_000)
        }
    }
}
