// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// The kernel's clocks, in nanoseconds.
public enum Clock {
    /// Nanoseconds since some moment, never set back (`clock_gettime(2)` `CLOCK_MONOTONIC`).
    @inlinable
    @inline(__always)
    public static func monotonicNanoseconds() -> UInt64 { cshims_monotonic_ns() }

    /// Nanoseconds since the boot, those of a suspended machine included (`clock_gettime(2)`
    /// `CLOCK_BOOTTIME`).
    public static func sinceBootNanoseconds() -> UInt64 { cshims_boottime_ns() }

    /// Nanoseconds since 1970-01-01 UTC (`clock_gettime(2)` `CLOCK_REALTIME`).
    @inlinable
    public static func realtimeNanoseconds() -> UInt64 { cshims_realtime_ns() }

    /// Tells the CPU that the thread is spinning (`PAUSE` on x86-64).
    @inlinable
    @inline(__always)
    public static func spinHint() { cshims_spin_hint() }

    /// Sleeps until a moment of the monotonic clock with `clock_nanosleep(2)`.
    ///
    /// - Throws: `interrupted` when a signal ends the sleep.
    public static func sleep(until monotonicNanoseconds: UInt64) throws(Errno) {
        try checked(cshims_sleep_until(monotonicNanoseconds))
    }

    /// Sleeps for a time with `clock_nanosleep(2)`.
    ///
    /// - Throws: `interrupted` when a signal ends the sleep.
    public static func sleep(nanoseconds: UInt64) throws(Errno) {
        try sleep(until: monotonicNanoseconds() &+ nanoseconds)
    }
}
