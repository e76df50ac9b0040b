// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol

/// One slice by hand, without a controller.
public enum SingleSlice {
    /// Sets up what the order asks for, runs it, and puts everything back.
    ///
    /// - Throws: why the slice could not run.
    public static func run(
        _ order: SliceOrder, clock: FastClock, counts: Bool
    ) throws(PlumblineError) -> SliceRecord {
        let executor = try SliceExecutor(clock: clock, counts: counts)
        defer { executor.putBack() }
        return try executor.execute(order)
    }
}
