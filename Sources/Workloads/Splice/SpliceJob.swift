// SPDX-License-Identifier: GPL-3.0-or-later

import Cells
import Linux
import SystemPackage

/// One job's loop, and the proof that its chunks arrived.
struct SpliceJob {
    let plan: SpliceWorkload
    let mover: SpliceMover
    let pattern: StreamPattern
    let number: Int

    init(_ plan: SpliceWorkload, _ mover: SpliceMover, pattern: StreamPattern, number: Int) {
        self.plan = plan
        self.mover = mover
        self.pattern = pattern
        self.number = number
    }

    /// Puts the stream's beginning into the memory that chunks come from.
    func fillMemory() {
        if plan.mode.sends { pattern.fill(mover.input, writer: number, position: 0) }
    }

    /// Moves chunks until the gate closes.
    ///
    /// - Parameter operation: the number of the next chunk; kept up to date.
    func run(_ worker: inout Worker, operation: inout Int) {
        let gate = worker.gate
        let clock = worker.clock
        let (timed, verifies, chunk) = (plan.timed, plan.verifies, plan.chunk)
        while gate.isGuarding {
            if verifies { refill(operation) }
            let answer = mover.move(operation)
            if answer < 0 { fail(answer, &worker.first) } else { operation += 1 }
        }
        var start = worker.begin()
        while gate.isMeasuring {
            if verifies {
                refill(operation)
                start = clock.ticks()
            }
            let answer = mover.move(operation)
            if answer < 0 {
                fail(answer, &worker.first)
                continue
            }
            if timed {
                let now = clock.ticks()
                worker.first.record(from: start, to: now, bytes: chunk)
                start = now
            } else {
                worker.first.count(bytes: chunk)
            }
            if verifies { check(operation, &worker.verification) }
            operation += 1
        }
        worker.end()
    }

    /// Counts a failed chunk, in the guard too, and removes what is left of it.
    @inline(never)
    private func fail(_ answer: Int, _ recorder: inout TrackRecorder) {
        recorder.fail(errno: Int32(truncatingIfNeeded: -answer))
        mover.clear()
    }

    /// Makes the memory that an operation's chunk comes from different from the last one's.
    private func refill(_ operation: Int) {
        guard plan.mode.sends, !plan.isGift else { return }
        pattern.fill(mover.input, writer: number, position: plan.streamPosition(operation))
    }

    /// Compares an operation's chunk where it ends in memory.
    private func check(_ operation: Int, _ counts: inout VerificationCounts) {
        guard plan.mode.receives else { return }
        let position = plan.streamPosition(operation)
        compare(UnsafeRawBufferPointer(mover.output), position: position, &counts)
        // What was doubled came back here.
        if plan.mode == .tee {
            compare(UnsafeRawBufferPointer(mover.input), position: position, &counts)
        }
    }

    /// Compares the target file with the chunks that were moved last to each of its places.
    ///
    /// - Parameter operations: how many chunks were moved.
    func checkFile(after operations: Int, _ worker: inout Worker) {
        let places = plan.chunksInFile
        for place in 0..<min(operations, places) {
            let last = place + (operations - 1 - place) / places * places
            var done = 0
            while done < plan.chunk {
                let count = RawCall.read(
                    mover.files.targetNumber, into: mover.output.baseAddress! + done,
                    count: plan.chunk - done, at: plan.fileOffset(last) + done)
                guard count > 0 else {
                    worker.first.note(Int32(truncatingIfNeeded: count))
                    break
                }
                done += count
            }
            let part = UnsafeRawBufferPointer(rebasing: mover.output[..<done])
            compare(part, position: plan.streamPosition(last), &worker.verification)
            if done < plan.chunk {
                worker.verification.corrupt(at: UInt64(plan.fileOffset(last) + done))
            }
        }
    }

    private func compare(
        _ bytes: UnsafeRawBufferPointer, position: UInt64, _ counts: inout VerificationCounts
    ) {
        let same = pattern.matchForward(bytes, writer: number, position: position)
        counts.proven &+= UInt64(same)
        if same < bytes.count { counts.corrupt(at: position &+ UInt64(same)) }
    }
}
