// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Statistics

extension SliceTotal {
    /// What a slice adds to its arm's figure: operations and their seconds; where a PMU counts,
    /// instructions and their operations; of a foreign program its own metric, which is averaged
    /// over the slices.
    ///
    /// The rule of blocks then judges instructions per operation as it does a rate. Interrupts and
    /// contention make each count on a live machine a matter of chance, so that no gap between
    /// ranges of runs holds an error rate, as it does for guests.
    public init(_ slice: SliceSummary, countsInstructions: Bool) {
        if countsInstructions {
            self.init(
                operations: Double(slice.instructions ?? 0), seconds: Double(slice.operations))
        } else if let value = slice.value {
            self.init(operations: value, seconds: 1)
        } else {
            self.init(
                operations: Double(slice.operations), seconds: Double(slice.interval) / 1e9)
        }
    }
}
