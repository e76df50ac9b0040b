// SPDX-License-Identifier: GPL-3.0-or-later

import Histogram
import Linux

/// Counts one kind of operation in one worker; allocates nothing after it is made.
package struct TrackRecorder {
    /// Latencies above this are recorded as this: 60 s in nanoseconds.
    package static let highestLatency: UInt64 = 60_000_000_000

    /// A failed operation's errno and how often it came.
    struct Failure {
        var errno: Int32 = 0
        var count: UInt64 = 0
    }

    var histogram: Histogram<UInt32>
    let clock: FastClock
    /// Operations that completed.
    package internal(set) var operations: UInt64 = 0
    /// Bytes that they moved.
    package internal(set) var bytes: UInt64 = 0
    /// Operations that moved less than asked, in guard and drain too.
    package var shortOperations: UInt64 = 0
    /// Pauses of a handicap.
    var pauses: UInt64 = 0
    /// Ticks of these pauses, each from when it was due to its end.
    var pausedTicks: UInt64 = 0
    var firstTicks: UInt64 = 0
    var lastTicks: UInt64 = 0
    /// The first seven errnos that came, in guard and drain too; the last place takes all others.
    var failures: InlineArray<8, Failure> = .init(repeating: Failure())

    init(clock: FastClock) {
        self.clock = clock
        histogram = Self.emptyHistogram()
    }

    /// Forgets all counts, for the next slice.
    mutating func reset() {
        histogram.reset()
        operations = 0
        bytes = 0
        shortOperations = 0
        pauses = 0
        pausedTicks = 0
        firstTicks = 0
        lastTicks = 0
        failures = .init(repeating: Failure())
    }

    /// 1 ns to 60 s at 3 significant digits.
    static func emptyHistogram<Count>() -> Histogram<Count> {
        Histogram<Count>(
            lowestDiscernibleValue: 1, highestTrackableValue: highestLatency,
            numberOfSignificantValueDigits: .three)
    }

    /// Counts an operation and its latency, from ticks to ticks of the worker's clock.
    @inline(__always)
    package mutating func record(from start: UInt64, to end: UInt64, bytes moved: Int) {
        let latency = end > start ? clock.nanoseconds(end - start) : 0
        histogram.record(min(latency, Self.highestLatency))
        operations &+= 1
        bytes &+= UInt64(truncatingIfNeeded: moved)
        lastTicks = end
    }

    /// Counts an operation that is not timed.
    @inline(__always)
    package mutating func count(bytes moved: Int) {
        operations &+= 1
        bytes &+= UInt64(truncatingIfNeeded: moved)
    }

    /// Counts several operations that started together and were seen to end together.
    @inline(__always)
    mutating func record(_ count: Int, from start: UInt64, to end: UInt64, bytesEach: Int) {
        let latency = end > start ? clock.nanoseconds(end &- start) : 0
        histogram.record(
            min(latency, Self.highestLatency), count: UInt32(truncatingIfNeeded: count))
        self.count(count, bytesEach: bytesEach)
        lastTicks = end
    }

    /// Counts several operations that are not timed.
    @inline(__always)
    mutating func count(_ count: Int, bytesEach: Int) {
        operations &+= UInt64(truncatingIfNeeded: count)
        bytes &+= UInt64(truncatingIfNeeded: count &* bytesEach)
    }

    /// Counts an operation that moved other than `bs` bytes: less of them, or an errno.
    @inline(never)
    mutating func note(_ result: Int32) {
        if result < 0 { fail(errno: -result) } else { shortOperations += 1 }
    }

    /// Says that the recorder's part of the slice went on until then, without an operation.
    package mutating func extend(to ticks: UInt64) { lastTicks = max(lastTicks, ticks) }

    /// Counts a pause of a handicap, from when it was due to its end.
    mutating func pause(from due: UInt64, to end: UInt64) {
        pauses += 1
        pausedTicks &+= end &- due
        extend(to: end)
    }

    /// Counts a failed operation under its errno.
    package mutating func fail(errno: Int32) {
        for i in 0..<8 where i == 7 || failures[i].errno == errno || failures[i].count == 0 {
            failures[i].errno = errno
            failures[i].count += 1
            return
        }
    }
}
