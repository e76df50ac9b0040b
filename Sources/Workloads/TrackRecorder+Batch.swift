// SPDX-License-Identifier: GPL-3.0-or-later

import Histogram

extension TrackRecorder {
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
}
