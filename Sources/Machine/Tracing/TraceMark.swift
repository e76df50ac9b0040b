// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// A point in time that cuts a trace in two.
package struct TraceMark: Sendable {
    /// Seconds of the monotonic clock.
    private let seconds: Double

    /// A mark at a time, nanoseconds of the monotonic clock.
    package init(nanoseconds: UInt64) { seconds = Double(nanoseconds) / 1e9 }

    /// A mark between what this thread has done and what it does next.
    ///
    /// Lines tell the time to a microsecond, so that it keeps away from both by ten.
    package static func now() -> TraceMark {
        func wait() -> UInt64 {
            let start = Clock.monotonicNanoseconds()
            var now = start
            while now < start + 10_000 { now = Clock.monotonicNanoseconds() }
            return now
        }
        let mark = TraceMark(nanoseconds: wait())
        _ = wait()
        return mark
    }

    /// The lines before the mark.
    package func before(_ lines: [TraceLine]) -> [TraceLine] {
        lines.filter { $0.seconds < seconds }
    }
}
