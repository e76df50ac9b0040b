// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Estimates how long the rest of a run takes: what is planned, and on top what setting up took so
/// far.
struct RemainingTime {
    private var planned = Duration.zero
    private var observed = Duration.zero
    private var slices = 0

    /// Takes in a slice: how long it was planned to take, and took.
    mutating func add(planned: Duration, observed: Duration) {
        self.planned += planned
        self.observed += observed
        slices += 1
    }

    /// The time for so many more slices that are planned to take so long in all.
    func estimate(planned rest: Duration, slices more: Int) -> Duration {
        guard slices > 0 else { return rest }
        let overhead = max(.zero, (observed - planned) / slices)
        return rest + overhead * more
    }
}
