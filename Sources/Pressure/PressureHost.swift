// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration
import Host
import Linux
import SystemPackage

/// What a pressure finds where it runs.
public struct PressureHost {
    /// Where every change is on record.
    public let ledger: Ledger
    /// Bytes of buffers that the workload holds, which a limit must leave room for.
    public let workloadBytes: Int
    /// Sleeps for so many nanoseconds; throws `interrupted` once a signal has come.
    public let pause: (UInt64) throws(PlumblineError) -> Void

    /// A machine with its ledger.
    public init(
        ledger: Ledger, workloadBytes: Int,
        pause: @escaping (UInt64) throws(PlumblineError) -> Void = PressureHost.interruptiblePause
    ) {
        self.ledger = ledger
        self.workloadBytes = workloadBytes
        self.pause = pause
    }

    /// Sleeps on the monotonic clock and heeds `Interrupts`.
    public static func interruptiblePause(nanoseconds: UInt64) throws(PlumblineError) {
        do {
            try Clock.sleep(nanoseconds: nanoseconds)
        } catch {
            guard error == .interrupted else { throw .failure("cannot sleep: \(error)") }
        }
        if let signal = Interrupts.pending {
            throw PlumblineError(.interrupted, "interrupted by signal \(signal)")
        }
    }

    /// Waits until something is so.
    ///
    /// - Returns: false when the time is over first.
    /// - Throws: `interrupted`, and what `condition` throws.
    func wait(
        seconds: Double, until condition: () throws(PlumblineError) -> Bool
    ) throws(PlumblineError) -> Bool {
        let end = Clock.monotonicNanoseconds() + UInt64(seconds * 1e9)
        while !(try condition()) {
            if Clock.monotonicNanoseconds() > end { return false }
            try pause(2_000_000)
        }
        return true
    }
}
