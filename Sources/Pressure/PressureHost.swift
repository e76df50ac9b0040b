// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// What a pressure finds where it runs.
package struct PressureHost {
    /// Where every change is on record.
    package let undoLog: UndoLog
    /// Bytes of buffers that the workload holds, which a limit must leave room for.
    package let workloadBytes: Int
    /// The workers that there will be, beside whose CPUs hogs have their own where there are enough.
    package let workers: HogPlacement.Workers
    /// Called often by what takes a while: the set-up of swap, and putting back.
    package let pulse: () -> Void
    /// Sleeps for so many nanoseconds; throws `interrupted` once a signal has come.
    package let pause: (UInt64) throws(PlumblineError) -> Void

    /// A machine with its undo log.
    package init(
        undoLog: UndoLog, workloadBytes: Int, workers: HogPlacement.Workers = .init(count: 1),
        pause: @escaping (UInt64) throws(PlumblineError) -> Void = PressureHost.interruptiblePause,
        pulse: @escaping () -> Void = {}
    ) {
        self.undoLog = undoLog
        self.workloadBytes = workloadBytes
        self.workers = workers
        self.pulse = pulse
        self.pause = pause
    }

    /// Sleeps on the monotonic clock and heeds `Interrupts`.
    package static func interruptiblePause(nanoseconds: UInt64) throws(PlumblineError) {
        do {
            try Clock.sleep(nanoseconds: nanoseconds)
        } catch {
            guard error == .interrupted else { throw .failure("cannot sleep: \(error)") }
        }
        if let signal = Interrupts.pending {
            throw PlumblineError(.interrupted, "interrupted by signal \(signal)")
        }
    }

    /// Makes changes here, all of which are undone when `body` fails.
    func changing<Value>(
        _ body: (ChangeStack) throws(PlumblineError) -> Value
    ) throws(PlumblineError) -> Value {
        let changes = ChangeStack(undoLog, pulse: pulse)
        do { return try body(changes) } catch {
            changes.undoAll()
            throw error
        }
    }

    /// Waits until something is so, with a pulse every half a millisecond.
    ///
    /// - Returns: false when the time is over first.
    /// - Throws: `interrupted`, and what `condition` throws.
    func wait(
        seconds: Double, until condition: () throws(PlumblineError) -> Bool
    ) throws(PlumblineError) -> Bool {
        let end = Clock.monotonicNanoseconds() + UInt64(seconds * 1e9)
        while !(try condition()) {
            if Clock.monotonicNanoseconds() > end { return false }
            pulse()
            try pause(500_000)
        }
        return true
    }
}
