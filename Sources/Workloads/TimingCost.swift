// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// What timing an operation costs on this machine.
public enum TimingCost {
    /// Nanoseconds of one clock read and one histogram entry: the least of five means of 20,000.
    ///
    /// The least, because whatever else the machine does only adds.
    public static func measure(_ clock: FastClock) -> Double {
        var recorder = TrackRecorder(clock: clock)
        let rounds = 20_000
        var best = Double.infinity
        for _ in 0..<5 {
            let start = Clock.monotonicNanoseconds()
            var last = clock.ticks()
            for _ in 0..<rounds {
                let now = clock.ticks()
                recorder.record(from: last, to: now, bytes: 1)
                last = now
            }
            let taken = Clock.monotonicNanoseconds() - start
            best = min(best, Double(taken) / Double(rounds))
        }
        return best
    }
}
