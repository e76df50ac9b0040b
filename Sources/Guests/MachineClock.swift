// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import Linux

/// How fast this machine's time-stamp counter is, which an emulated guest reads as its own.
enum MachineClock {
    /// Ticks a millisecond, measured in 20 ms against the monotonic clock; nil without a counter.
    static func timestampKilohertz() -> Int? {
        let first = reading()
        let end = first.nanoseconds + 20_000_000
        while Clock.monotonicNanoseconds() < end { cshims_spin_hint() }
        let second = reading()
        guard second.ticks > first.ticks else { return nil }
        let ticks = Double(second.ticks - first.ticks)
        return Int((ticks * 1e6 / Double(second.nanoseconds - first.nanoseconds)).rounded())
    }

    /// Both clocks at one moment: the closest of some attempts, against preemption between them.
    private static func reading() -> (ticks: UInt64, nanoseconds: UInt64) {
        var best: (width: UInt64, ticks: UInt64, nanoseconds: UInt64) = (.max, 0, 0)
        for _ in 0..<50 {
            let before = cshims_tsc()
            let now = Clock.monotonicNanoseconds()
            let width = cshims_tsc() &- before
            if width < best.width { best = (width, before &+ width / 2, now) }
        }
        return (best.ticks, best.nanoseconds)
    }
}
