// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

extension PipeWriter {
    /// The loop for all that the plain ones leave out: due times, O_NONBLOCK, verified streams.
    func runGeneral(_ message: UnsafeMutableRawBufferPointer, _ worker: inout Worker) {
        var pacer = rate > 0 ? Pacer(rate: Double(rate), clock: clock) : nil
        var handicap = Handicap(percent: percent, clock: clock)
        var position: UInt64 = 0
        var isMeasuring = false
        var start = clock.ticks()
        while gate.isOpen {
            if !isMeasuring, !gate.isGuarding {
                isMeasuring = true
                start = worker.begin()
            }
            if handicap.isOn { handicap.lap(measuring: isMeasuring, gate, &worker.first) }
            if verifies { pattern.fill(message, writer: number, position: position) }
            if pacer != nil {
                guard let due = pacer?.next(gate, guarding: !isMeasuring) else {
                    // The time until now belongs to the interval: nothing was due in it.
                    if isMeasuring { worker.first.extend(to: clock.ticks()) }
                    continue
                }
                start = due
            } else if verifies {
                start = clock.ticks()
            }
            var sent = 0
            let outcome = send(UnsafeRawBufferPointer(message), &sent, &worker)
            position &+= UInt64(sent)
            if outcome == .unread { break }
            guard outcome == .whole, isMeasuring else { continue }
            if timed {
                let now = clock.ticks()
                worker.first.record(from: start, to: now, bytes: message.count)
                start = now
            } else {
                worker.first.count(bytes: message.count)
            }
        }
        if !isMeasuring { _ = worker.begin() }
        worker.end()
    }

    /// Sends a message, and notes for the verification what went into the pipe.
    private func send(
        _ message: UnsafeRawBufferPointer, _ sent: inout Int, _ worker: inout Worker
    ) -> Outcome {
        let first = RawCall.write(end, from: message.baseAddress, count: message.count)
        let outcome = send(message, &sent, first: first, &worker.first)
        if verifies {
            let part = UnsafeRawBufferPointer(rebasing: message[..<sent])
            worker.verification.written &+= UInt64(sent)
            worker.verification.writtenSum &+= StreamPattern.sum(part)
        }
        return outcome
    }
}
