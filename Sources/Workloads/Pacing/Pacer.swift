// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// The times at which an open loop's operations are due, whatever the ones before took.
///
/// Latency counted from the due time does not omit what a stall delayed (coordinated omission).
package struct Pacer {
    /// The time that is slept through; the rest is spun, because a timer fires late.
    private static let spinNanoseconds: UInt64 = 60_000
    /// Sleeps are cut so that a turning gate is seen.
    private static let longestSleep: UInt64 = 5_000_000

    private let clock: FastClock
    private let interval: Double
    private let origin: UInt64
    private var issued: Double = 0

    /// Operations due `rate` times a second from now on; `rate` > 0.
    package init(rate: Double, clock: FastClock) {
        self.clock = clock
        interval = 1e9 / rate
        origin = clock.ticks()
    }

    /// Waits until the next operation is due, or the gate turns.
    ///
    /// - Parameter guarding: whether the end of the guard ends the wait too.
    /// - Returns: the ticks at which it was due, which lie in the past when the loop is behind;
    ///   `nil` when the gate turned first.
    package mutating func next(_ gate: Gate, guarding: Bool = false) -> UInt64? {
        let due = UInt64(issued * interval)
        while true {
            let passed = clock.nanoseconds(clock.ticks() &- origin)
            if passed >= due { break }
            guard guarding ? gate.isGuarding : gate.isOpen else { return nil }
            let left = due - passed
            if left > Self.spinNanoseconds {
                let nap = min(left - Self.spinNanoseconds, Self.longestSleep)
                try? Clock.sleep(nanoseconds: nap)
            } else {
                Clock.spinHint()
            }
        }
        issued += 1
        return origin &+ clock.ticks(nanoseconds: due)
    }

    /// The ticks at which the next operation is due, for a loop that does not wait here.
    var nextDue: UInt64 { origin &+ clock.ticks(nanoseconds: UInt64(issued * interval)) }

    /// Takes the operation that `nextDue` tells of.
    mutating func advance() { issued += 1 }
}
