// SPDX-License-Identifier: GPL-3.0-or-later

import Cells
import Linux
import SystemPackage

/// One writer of a pipe: its loops.
struct PipeWriter {
    let end: CInt
    let number: Int
    let pattern: StreamPattern
    let gate: Gate
    let clock: FastClock
    let isPlain: Bool
    let isBlocking: Bool
    let verifies: Bool
    let timed: Bool
    let rate: Int
    let percent: Double

    init(_ plan: PipeWorkload, end: CInt, pattern: StreamPattern, number: Int, _ worker: Worker) {
        self.end = end
        self.number = number
        self.pattern = pattern
        gate = worker.gate
        clock = worker.clock
        isPlain = plan.isPlain
        isBlocking = plan.isBlocking
        verifies = plan.verifies
        timed = plan.timed
        rate = plan.rate
        percent = plan.handicap
    }

    /// Writes until the gate closes, or nobody reads any more.
    func run(_ message: UnsafeRawBufferPointer, _ worker: inout Worker) {
        guard isPlain else {
            runGeneral(UnsafeMutableRawBufferPointer(mutating: message), &worker)
            return
        }
        var handicap = Handicap(percent: percent, clock: clock)
        var goesOn = warmUp(message, &worker.first, &handicap)
        let start = worker.begin()
        handicap.start(start)
        if goesOn {
            goesOn =
                timed
                ? writeTimed(message, from: start, &worker.first, handicap)
                : write(message, &worker.first, handicap)
        }
        worker.end()
    }

    /// Loads the pipe while the guard runs.
    private func warmUp(
        _ message: UnsafeRawBufferPointer, _ recorder: inout TrackRecorder,
        _ handicap: inout Handicap
    ) -> Bool {
        let (end, gate, base, size) = (end, gate, message.baseAddress, message.count)
        while gate.isGuarding {
            if handicap.isOn { handicap.sample(clock) }
            let written = RawCall.write(end, from: base, count: size)
            if written != size, finish(message, written, &recorder) != .whole {
                return false
            }
        }
        return true
    }

    /// The loop that is measured: a write and a clock reading an operation.
    @inline(never)
    private func writeTimed(
        _ message: UnsafeRawBufferPointer, from first: UInt64, _ recorder: inout TrackRecorder,
        _ handicap: Handicap
    ) -> Bool {
        var handicap = handicap
        let (end, gate, clock) = (end, gate, clock)
        let (base, size) = (message.baseAddress, message.count)
        var start = first
        while gate.isMeasuring {
            let written = RawCall.write(end, from: base, count: size)
            if written != size {
                switch finish(message, written, &recorder) {
                case .whole: break
                case .abandoned: continue
                case .unread: return false
                }
            }
            let now = clock.ticks()
            recorder.record(from: start, to: now, bytes: size)
            start = now
            if now >= handicap.next { handicap.pause(gate, &recorder) }
        }
        return true
    }

    /// The loop that is measured without timing.
    @inline(never)
    private func write(
        _ message: UnsafeRawBufferPointer, _ recorder: inout TrackRecorder,
        _ handicap: Handicap
    ) -> Bool {
        var handicap = handicap
        let (end, gate, base, size) = (end, gate, message.baseAddress, message.count)
        while gate.isMeasuring {
            let written = RawCall.write(end, from: base, count: size)
            if written != size {
                switch finish(message, written, &recorder) {
                case .whole: break
                case .abandoned: continue
                case .unread: return false
                }
            }
            recorder.count(bytes: size)
            if handicap.isOn { handicap.lap(measuring: true, gate, &recorder) }
        }
        return true
    }
}

extension PipeWriter {
    /// What became of a message.
    enum Outcome {
        /// All of it is in the pipe.
        case whole
        /// It failed, and the gate closed meanwhile.
        case abandoned
        /// Nobody reads from the pipe any more.
        case unread
    }

    /// Goes on with a message whose first write did not take all of it.
    ///
    /// - Parameter answer: what that write returned: bytes, or a negative errno.
    @inline(never)
    func finish(
        _ message: UnsafeRawBufferPointer, _ answer: Int, _ recorder: inout TrackRecorder
    ) -> Outcome {
        var sent = 0
        return send(message, &sent, first: answer, &recorder)
    }

    /// Writes what is left of a message, with as many writes as it takes.
    ///
    /// Failures and short writes are counted whatever the gate says, but not that nobody reads any
    /// more once it has closed.
    ///
    /// - Parameter sent: bytes that are in the pipe; kept up to date.
    func send(
        _ message: UnsafeRawBufferPointer, _ sent: inout Int, first: Int,
        _ recorder: inout TrackRecorder
    ) -> Outcome {
        var answer = first
        var isShort = false
        while true {
            if answer >= 0 {
                sent += answer
                if sent == message.count { break }
                isShort = true
            } else if answer == -Int(Errno.wouldBlock.rawValue) {
                _ = RawCall.poll(end, .output, milliseconds: 100)
            } else if answer != -Int(Errno.interrupted.rawValue) {
                let isUnread = answer == -Int(Errno.brokenPipe.rawValue)
                if !isUnread || gate.isOpen { recorder.fail(errno: Int32(-answer)) }
                if isUnread { return .unread }
                if !gate.isOpen { return .abandoned }
            }
            answer = RawCall.write(
                end, from: message.baseAddress! + sent, count: message.count - sent)
        }
        // Without O_NONBLOCK a write is short only when something went wrong.
        if isShort, isBlocking { recorder.shortOperations += 1 }
        return .whole
    }
}
