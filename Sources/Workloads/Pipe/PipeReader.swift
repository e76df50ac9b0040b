// SPDX-License-Identifier: GPL-3.0-or-later

import Cells
import Linux
import SystemPackage

/// One reader of a pipe: its loops.
struct PipeReader {
    let end: CInt
    let gate: Gate
    let clock: FastClock
    let isPlain: Bool
    let verifies: Bool
    let timed: Bool
    let percent: Double

    init(_ plan: PipeWorkload, end: CInt, _ worker: Worker) {
        self.end = end
        gate = worker.gate
        clock = worker.clock
        // When a write is due is no matter to a reader.
        isPlain = plan.isBlocking && !plan.verifies
        verifies = plan.verifies
        timed = plan.timed
        percent = plan.handicap
    }

    /// Reads until nobody writes any more; counts while the gate is open.
    func run(
        _ buffer: UnsafeMutableRawBufferPointer, _ verifier: inout StreamVerifier,
        _ worker: inout Worker
    ) {
        guard isPlain else {
            runGeneral(buffer, &verifier, &worker)
            return
        }
        var handicap = Handicap(percent: percent, clock: clock)
        var goesOn = warmUp(buffer, &worker.second, &handicap)
        let start = worker.begin()
        handicap.start(start)
        if goesOn {
            goesOn =
                timed
                ? readTimed(buffer, from: start, &worker.second, handicap)
                : read(buffer, &worker.second, handicap)
        }
        worker.end()
        if goesOn { drain(buffer, &worker.second) }
    }

    /// Takes what comes while the guard runs.
    private func warmUp(
        _ buffer: UnsafeMutableRawBufferPointer, _ recorder: inout TrackRecorder,
        _ handicap: inout Handicap
    ) -> Bool {
        let (end, gate, base, size) = (end, gate, buffer.baseAddress, buffer.count)
        while gate.isGuarding {
            if handicap.isOn { handicap.sample(clock) }
            let count = RawCall.read(end, into: base, count: size)
            if count <= 0, !canGoOn(after: count, &recorder) { return false }
        }
        return true
    }

    /// The loop that is measured: a read and a clock reading an operation.
    @inline(never)
    private func readTimed(
        _ buffer: UnsafeMutableRawBufferPointer, from first: UInt64,
        _ recorder: inout TrackRecorder, _ handicap: Handicap
    ) -> Bool {
        var handicap = handicap
        let (end, gate, clock) = (end, gate, clock)
        let (base, size) = (buffer.baseAddress, buffer.count)
        var start = first
        while gate.isMeasuring {
            let count = RawCall.read(end, into: base, count: size)
            if count <= 0 {
                guard canGoOn(after: count, &recorder) else { return false }
                continue
            }
            let now = clock.ticks()
            recorder.record(from: start, to: now, bytes: count)
            start = now
            if now >= handicap.next { handicap.pause(gate, &recorder) }
        }
        return true
    }

    /// The loop that is measured without timing.
    @inline(never)
    private func read(
        _ buffer: UnsafeMutableRawBufferPointer, _ recorder: inout TrackRecorder,
        _ handicap: Handicap
    ) -> Bool {
        var handicap = handicap
        let (end, gate, base, size) = (end, gate, buffer.baseAddress, buffer.count)
        while gate.isMeasuring {
            let count = RawCall.read(end, into: base, count: size)
            if count <= 0 {
                guard canGoOn(after: count, &recorder) else { return false }
                continue
            }
            recorder.count(bytes: count)
            if handicap.isOn { handicap.lap(measuring: true, gate, &recorder) }
        }
        return true
    }

    /// Takes what writers still have to get rid of.
    private func drain(
        _ buffer: UnsafeMutableRawBufferPointer, _ recorder: inout TrackRecorder
    ) {
        while true {
            let count = RawCall.read(end, into: buffer.baseAddress, count: buffer.count)
            if count <= 0, !canGoOn(after: count, &recorder) { return }
        }
    }
}

extension PipeReader {
    /// Deals with a read that brought nothing; false at the end of the stream.
    ///
    /// A failed read is counted whatever the gate says.
    @inline(never)
    func canGoOn(after answer: Int, _ recorder: inout TrackRecorder) -> Bool {
        if answer == 0 { return false }
        if answer == -Int(Errno.interrupted.rawValue) { return true }
        if answer == -Int(Errno.wouldBlock.rawValue) {
            _ = RawCall.poll(end, .input, milliseconds: 100)
            return true
        }
        recorder.fail(errno: Int32(truncatingIfNeeded: -answer))
        return gate.isOpen
    }

    /// The loop for all that the plain ones leave out: O_NONBLOCK and verified streams.
    func runGeneral(
        _ buffer: UnsafeMutableRawBufferPointer, _ verifier: inout StreamVerifier,
        _ worker: inout Worker
    ) {
        guard let base = buffer.baseAddress else { return }
        var handicap = Handicap(percent: percent, clock: clock)
        var isMeasuring = false
        var hasEnded = false
        var start = clock.ticks()
        while true {
            if !isMeasuring, !gate.isGuarding {
                isMeasuring = true
                start = worker.begin()
            }
            if isMeasuring, !hasEnded, !gate.isOpen {
                hasEnded = true
                worker.end()
            }
            let counts = isMeasuring && !hasEnded
            if handicap.isOn, !hasEnded {
                handicap.lap(measuring: isMeasuring, gate, &worker.second)
            }
            let count = RawCall.read(end, into: base, count: buffer.count)
            if count <= 0 {
                guard canGoOn(after: count, &worker.second) else { break }
                continue
            }
            if counts, timed {
                let now = clock.ticks()
                worker.second.record(from: start, to: now, bytes: count)
                start = now
            } else if counts {
                worker.second.count(bytes: count)
            }
            if verifies {
                verifier.accept(base, count: count)
                start = clock.ticks()
            }
        }
        if !isMeasuring { _ = worker.begin() }
        if !hasEnded { worker.end() }
        guard verifies else { return }
        verifier.finish()
        worker.verification = verifier.counts
    }
}
