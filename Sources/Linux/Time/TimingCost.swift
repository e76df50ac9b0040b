// SPDX-License-Identifier: GPL-3.0-or-later

import Histogram

/// What timing an operation costs on this machine.
public enum TimingCost {
    /// Nanoseconds of one clock read and one histogram entry: the least of five means of 20,000.
    ///
    /// The least, because whatever else the machine does only adds.
    public static func measure(_ clock: FastClock) -> Double {
        // As workers record latencies: 1 ns to 60 s at 3 significant digits.
        var histogram = Histogram<UInt32>(
            lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000_000,
            numberOfSignificantValueDigits: .three)
        let rounds = 20_000
        var best = Double.infinity
        for _ in 0..<5 {
            let start = Clock.monotonicNanoseconds()
            var last = clock.ticks()
            for _ in 0..<rounds {
                let now = clock.ticks()
                histogram.record(clock.nanoseconds(now &- last))
                last = now
            }
            let taken = Clock.monotonicNanoseconds() - start
            best = min(best, Double(taken) / Double(rounds))
        }
        return best
    }
}
