// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Statistics

extension SliceTotal {
    /// What a slice adds to its arm's figure: operations and their seconds or, where a PMU counts,
    /// instructions and their operations.
    ///
    /// The rule of blocks then judges instructions per operation as it does a rate. No boot's
    /// spread would do, as it does for guests: interrupts and contention make each count on a live
    /// machine a matter of chance, so that the range of the runs grows with their number, and a
    /// gap between ranges holds no error rate. Blocks of slices in random order are repetitions
    /// whose spread is measured and printed, and against which a difference is held.
    public init(operations: UInt64, interval: UInt64, instructions: UInt64?, counts: Bool) {
        if counts {
            self.init(operations: Double(instructions ?? 0), seconds: Double(operations))
        } else {
            self.init(operations: Double(operations), seconds: Double(interval) / 1e9)
        }
    }
}
