// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import CShims
import SystemPackage

/// The cheapest clock of this machine that is safe to time single operations with.
///
/// That is the time-stamp counter where it is invariant (CPUID 80000007h EDX bit 8) and the
/// kernel itself keeps time by it; else `CLOCK_MONOTONIC`.
public struct FastClock: Sendable {
    /// What the ticks are.
    public enum Source: String, Sendable {
        /// Cycles of the time-stamp counter.
        case tsc
        /// Nanoseconds of `CLOCK_MONOTONIC`.
        case monotonic
    }

    /// What the ticks are.
    public let source: Source
    /// What one `ticks()` costs, in nanoseconds: the mean of many in a row.
    public private(set) var readCostNanoseconds: Double

    @usableFromInline let readsTSC: Bool
    /// Nanoseconds a tick, times 2 to the power of `shift`.
    @usableFromInline let multiplier: UInt64
    // Leaves room for 16 ns a tick; the slowest TSC there is ticks once a nanosecond or so.
    @usableFromInline static let shift: UInt64 = 60

    /// Chooses the source and calibrates it, in about 20 ms.
    ///
    /// The rate is known to some millionths, from the monotonic clock over that time.
    public static func calibrated() -> FastClock {
        let current = try? SystemFile.read(
            "/sys/devices/system/clocksource/clocksource0/current_clocksource")
        guard cshims_tsc_invariant(), current?.trimmed == "tsc",
            let rate = nanosecondsPerTick(), rate < 16
        else { return FastClock(source: .monotonic, nanosecondsPerTick: 1) }
        return FastClock(source: .tsc, nanosecondsPerTick: rate)
    }

    /// Uses `CLOCK_MONOTONIC` whatever the machine has.
    public static func monotonic() -> FastClock {
        FastClock(source: .monotonic, nanosecondsPerTick: 1)
    }

    private init(source: Source, nanosecondsPerTick: Double) {
        self.source = source
        readsTSC = source == .tsc
        multiplier = UInt64(nanosecondsPerTick * Double(UInt64(1) << Self.shift))
        readCostNanoseconds = 0
        readCostNanoseconds = measuredReadCost()
    }

    /// The clock's reading; only differences mean something.
    @inlinable
    @inline(__always)
    public func ticks() -> UInt64 { readsTSC ? cshims_tsc() : cshims_monotonic_ns() }

    /// A difference of ticks in nanoseconds, of any length that fits 64 bits.
    @inlinable
    @inline(__always)
    public func nanoseconds(_ ticks: UInt64) -> UInt64 {
        let product = ticks.multipliedFullWidth(by: multiplier)
        return product.high &<< (64 &- Self.shift) | product.low &>> Self.shift
    }

    private func measuredReadCost() -> Double {
        let reads = 20_000
        let start = cshims_monotonic_ns()
        var last: UInt64 = 0
        for _ in 0..<reads { last = max(last, ticks()) }
        let end = cshims_monotonic_ns()
        // Using `last` keeps the reads; it is never 0 on a machine that has booted.
        return last == 0 ? 0 : Double(end - start) / Double(reads)
    }

    /// Ticks a millisecond of the time-stamp counter, which an emulated guest reads as its own; nil
    /// without a counter that advances.
    public static func timestampKilohertz() -> Int? {
        nanosecondsPerTick().map { Int((1e6 / $0).rounded()) }
    }

    /// Measured in 20 ms; nil when the counter does not advance as the clock does.
    private static func nanosecondsPerTick() -> Double? {
        let first = reading()
        let end = first.nanoseconds + 20_000_000
        while cshims_monotonic_ns() < end { cshims_spin_hint() }
        let second = reading()
        guard second.ticks > first.ticks else { return nil }
        return Double(second.nanoseconds - first.nanoseconds) / Double(second.ticks - first.ticks)
    }

    /// Both clocks at one moment: the closest of some attempts, against preemption between them.
    private static func reading() -> (ticks: UInt64, nanoseconds: UInt64) {
        var best: (width: UInt64, ticks: UInt64, nanoseconds: UInt64) = (.max, 0, 0)
        for _ in 0..<50 {
            let before = cshims_tsc()
            let now = cshims_monotonic_ns()
            let width = cshims_tsc() &- before
            if width < best.width { best = (width, before &+ width / 2, now) }
        }
        return (best.ticks, best.nanoseconds)
    }
}
