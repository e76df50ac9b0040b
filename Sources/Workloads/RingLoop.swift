// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// A job that keeps requests in flight through an `io_uring(7)` of its own: fio's io_uring.
///
/// As in fio, requests are submitted when `iodepth_batch_submit` of them are queued or the depth
/// is full; then, and only then, the job waits for `iodepth_batch_complete_min` completions. It
/// takes all that are there, where fio takes no more than it waited for.
struct RingLoop: ~Copyable {
    // What user_data holds beside the slot.
    private static let writeMark: UInt64 = 1 << 32
    private static let drainNanoseconds: UInt64 = 10_000_000_000

    private let ring: Ring
    private let file: DirectFile
    private let memory: MappedMemory
    private let ledger: BlockLedger
    private let plan: DirectPlan
    private let path: String
    private let clock: FastClock
    private let target: Ring.File
    private let buffers: UnsafeMutableRawPointer
    private let base: Int
    private let blockSize: Int
    private let submitBatch: Int
    private let completeMin: Int
    private let fixedBuffers: Bool
    private let timed: Bool
    private var handicap: Handicap
    private var table: RequestTable
    private var sequence: OffsetSequence
    /// When the next submission begins: the reading that ended the last batch of completions.
    private var begun: UInt64 = 0

    /// Makes the ring, in the thread that will use it.
    init(_ job: DirectJob, _ file: consuming DirectFile) throws(PlumblineError) {
        let plan = job.plan
        let memory = try job.buffers()
        let ledger = try BlockLedger(plan, job.region, seed: job.seed)
        let table = try RequestTable(depth: plan.depth)
        let ring = try RingSetup.make(plan)
        try RingSetup.register(ring, file: file.descriptor.rawValue, memory.bytes, plan)
        self.plan = plan
        target = plan.registersFile ? .registered(0) : .descriptor(file.descriptor.rawValue)
        buffers = memory.bytes.baseAddress!
        self.file = file
        self.memory = memory
        self.ledger = ledger
        self.table = table
        self.ring = ring
        path = job.region.path
        clock = job.clock
        base = job.region.layout.base
        blockSize = plan.blockSize
        submitBatch = plan.submitBatch
        completeMin = plan.completeMin
        fixedBuffers = plan.fixedBuffers
        timed = plan.timed
        handicap = Handicap(percent: plan.handicap, clock: job.clock)
        sequence = job.sequence()
    }

    /// The job's whole life from the gate on.
    mutating func run(_ worker: inout Worker) throws(PlumblineError) {
        if plan.polls { try probePolling() }
        worker.arrive()
        if plan.rate > 0 {
            var pacer = Pacer(rate: plan.rate, clock: clock)
            while worker.gate.isGuarding { try pacedCycle(&pacer, &worker, counting: false) }
            _ = worker.begin()
            while worker.gate.isMeasuring { try pacedCycle(&pacer, &worker, counting: true) }
            worker.extendToNow()
        } else {
            begun = timed ? clock.ticks() : 0
            while worker.gate.isGuarding {
                if handicap.isOn { handicap.sample(clock) }
                try cycle(&worker, counting: false)
            }
            let start = worker.begin()
            handicap.start(start)
            begun = timed ? start : 0
            while worker.gate.isMeasuring {
                try cycle(&worker, counting: true)
                if handicap.isOn { pause(&worker) }
            }
        }
        worker.end()
        try drain(&worker)
        try ledger.readBack(file, &worker)
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
        while queued < submitBatch, table.free > 0, try queue(start: begun) { queued &+= 1 }
        if queued == submitBatch, table.free > 0 {
            try enter(wait: 0)
            if timed { begun = clock.ticks() }
            return
        }
        try enter(wait: min(completeMin, table.used))
        reap(&worker, counting: counting)
    }

    /// Queues and submits what is due, and reaps without ever waiting past the next due time.
    private mutating func pacedCycle(
        _ pacer: inout Pacer, _ worker: inout Worker, counting: Bool
    ) throws(PlumblineError) {
        if table.used == 0 {
            guard let due = pacer.next(worker.gate, guarding: !counting) else { return }
            // With nothing in flight every block is free.
            _ = try queue(start: due)
        }
        let now = clock.ticks()
        while table.free > 0, pacer.nextDue <= now, try queue(start: pacer.nextDue) {
            pacer.advance()
        }
        try enter(wait: 0)
        reap(&worker, counting: counting)
    }

    /// Queues one request.
    ///
    /// - Returns: `false` when every block is in flight and must not be touched.
    @inline(__always)
    private mutating func queue(start: UInt64) throws(PlumblineError) -> Bool {
        var step = sequence.next()
        if ledger.isOn {
            guard let claimed = ledger.claim(step) else { return false }
            step = claimed
        }
        let slot = table.take()
        table.starts[slot] = start
        let buffer = UnsafeMutableRawBufferPointer(
            start: buffers + slot &* blockSize, count: blockSize)
        if ledger.isOn {
            table.steps[slot] = step
            if step.isWrite { ledger.fill(buffer, block: step.block) }
        }
        try queue(step, slot, buffer)
        return true
    }

    @inline(__always)
    private func queue(
        _ step: OffsetSequence.Step, _ slot: Int, _ buffer: UnsafeMutableRawBufferPointer
    ) throws(PlumblineError) {
        let offset = base &+ step.block &* blockSize
        let index = fixedBuffers ? slot : nil
        let mark = UInt64(truncatingIfNeeded: slot)
        do {
            if step.isWrite {
                try ring.queueWrite(
                    target, from: UnsafeRawBufferPointer(buffer), at: offset, bufferIndex: index,
                    userData: mark | Self.writeMark)
            } else {
                try ring.queueRead(
                    target, into: buffer, at: offset, bufferIndex: index, userData: mark)
            }
        } catch {
            throw Self.broken(error)
        }
    }

    /// Submits what is queued and waits for completions, of which there may be fewer afterwards
    /// when a signal came or the kernel took a part only.
    @inline(__always)
    private mutating func enter(wait: Int) throws(PlumblineError) {
        do {
            try ring.submitAndWait(wait)
        } catch .interrupted, .resourceTemporarilyUnavailable, .resourceBusy {
            return
        } catch {
            throw Self.broken(error)
        }
    }

    /// Takes the completions that are there, and counts them.
    ///
    /// Short and failed ones are noted whether or not the others count.
    /// Those of one submission have one start, so that they count in one step.
    @inline(__always)
    private mutating func reap(_ worker: inout Worker, counting: Bool) {
        let taken = ring.reap(into: table.completions)
        guard taken > 0 else { return }
        let now = timed ? clock.ticks() : 0
        var reads = Run()
        var writes = Run()
        for i in 0..<taken {
            let completion = table.completions[i]
            let slot = Int(truncatingIfNeeded: completion.user_data & 0xffff_ffff)
            if ledger.isOn { settle(slot, completion.result, &worker.verification) }
            table.giveBack(slot)
            // Beside the measured part only what went wrong counts.
            guard counting || Int(completion.result) != blockSize else { continue }
            if completion.user_data & Self.writeMark != 0 {
                count(completion.result, slot, now, &writes, &worker.second)
            } else {
                count(completion.result, slot, now, &reads, &worker.first)
            }
        }
        flush(reads, now, &worker.first)
        flush(writes, now, &worker.second)
        begun = ledger.isOn && timed ? clock.ticks() : now
    }

    /// Completions with one start that are not counted yet.
    private struct Run {
        var count = 0
        var start: UInt64 = 0
    }

    @inline(__always)
    private func count(
        _ result: Int32, _ slot: Int, _ now: UInt64, _ run: inout Run,
        _ recorder: inout TrackRecorder
    ) {
        guard Int(result) == blockSize else {
            recorder.note(result)
            return
        }
        let start = table.starts[slot]
        if start != run.start {
            flush(run, now, &recorder)
            run = Run(count: 0, start: start)
        }
        run.count &+= 1
    }

    @inline(__always)
    private func flush(_ run: Run, _ now: UInt64, _ recorder: inout TrackRecorder) {
        guard run.count > 0 else { return }
        if timed {
            recorder.record(run.count, from: run.start, to: now, bytesEach: blockSize)
        } else {
            recorder.count(run.count, bytesEach: blockSize)
        }
    }

    @inline(never)
    private func settle(_ slot: Int, _ result: Int32, _ found: inout VerificationCounts) {
        let buffer = UnsafeRawBufferPointer(start: buffers + slot * blockSize, count: blockSize)
        ledger.settle(table.steps[slot], result: Int(result), buffer: buffer, &found)
    }

    /// Takes what is still in flight, which counts when it fails only: the kernel writes into the buffers until then.
    private mutating func drain(_ worker: inout Worker) throws(PlumblineError) {
        let end = Clock.monotonicNanoseconds() + Self.drainNanoseconds
        while table.used > 0 {
            let before = table.used
            try enter(wait: 0)
            reap(&worker, counting: false)
            guard table.used == before else { continue }
            if Clock.monotonicNanoseconds() > end {
                throw .failure(
                    "dio: \(table.used) requests on \(path) did not end within 10 s",
                    remedy: "look at the kernel's log for a hung device")
            }
            try? Clock.sleep(nanoseconds: 50_000)
        }
    }

    /// Reads one block, because only a request tells whether the device can be polled.
    private mutating func probePolling() throws(PlumblineError) {
        let buffer = UnsafeMutableRawBufferPointer(start: buffers, count: blockSize)
        try queue(OffsetSequence.Step(block: 0, isWrite: false), 0, buffer)
        var taken = 0
        while taken == 0 {
            try enter(wait: 1)
            taken = ring.reap(into: table.completions)
        }
        let result = table.completions[0].result
        if result < 0 { throw DirectErrors.noPolling(path, Errno(rawValue: -result)) }
    }

    private static func broken(_ error: Errno) -> PlumblineError {
        .failure("dio: io_uring_enter failed: \(error)")
    }
}
