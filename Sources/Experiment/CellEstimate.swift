// SPDX-License-Identifier: GPL-3.0-or-later

import Statistics

/// What a cell's units say so far, for a person who waits.
///
/// It is no look: nothing stops by it, and its interval is not adjusted for how often it is shown.
public struct CellEstimate: Sendable, Equatable {
    /// Units before which nothing is said.
    static let leastUnits = 3

    /// The change from A to B, percent.
    public let change: Double
    /// Its t interval at 95 %, percent.
    public let interval: Interval
    /// Whether rounds of boots are counted, and not blocks.
    public let countsRounds: Bool
    /// The rounds or blocks so far.
    public let done: Int
    /// The most there will be.
    public let planned: Int

    /// The mean over the units that the verdict rests on; nil before three of them.
    init?(_ observations: Observations, countsRounds: Bool, planned: Int) {
        done = countsRounds ? Set(observations.rounds).count : observations.effects.count
        guard done >= Self.leastUnits,
            let units = try? Units(observations).values, units.count >= Self.leastUnits,
            let mean = try? StudentT(units), let interval = try? mean.interval()
        else { return nil }
        change = Percent.change(ofLogRatio: mean.estimate)
        self.interval = interval.percent
        self.countsRounds = countsRounds
        self.planned = max(planned, done)
    }
}
