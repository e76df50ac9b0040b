// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Statistics

/// What the effect of a cell under a cgroup's limit is made of: the steps from a cell without that
/// limit to this one.
///
/// Effects multiply, so that steps add up as log ratios: the first cell's effect and all steps make
/// up this cell's where the cells have the same units. Each step is the difference of the log
/// effects of two cells, with Student's t over what both measured: the rounds that they share or, in
/// one boot, Welch's test on the blocks of each. The intervals hold for all steps of a cell together
/// (Bonferroni).
public struct EffectParts: Sendable, Equatable {
    /// What a part is called.
    public enum Name: String, Sendable {
        /// The effect without a cgroup, from which the steps go.
        case without = "no cgroup"
        /// The effect in a cgroup without a limit, where no cell is without a cgroup.
        case unlimited = "no limit"
        /// In a cgroup without a limit against none.
        case charging
        /// Beside burners against without them.
        case contention = "CPU contention"
        /// Under the limit beside hogs against without one beside burners.
        case reclaim
    }

    /// One of them.
    public struct Part: Sendable, Equatable {
        /// What it is.
        public let name: Name
        /// A log ratio.
        public let logRatio: Double
        /// The log ratio's interval; nil for the effect from which the steps go.
        public let interval: Interval?
        /// The name of the cell that the step goes from; nil for where it begins.
        public let against: String?

        /// The change in percent.
        public var percent: Double { Percent.change(ofLogRatio: logRatio) }
    }

    /// The first cell's effect, then the steps.
    public let parts: [Part]
    /// Whether a look stopped one of the cells, which the intervals do not account for.
    public let stoppedEarly: Bool

    /// Takes an effect apart.
    ///
    /// - Parameters:
    ///   - cells: from the one with the least in it to the one under the limit, each with what its
    ///     step is called.
    ///   - stoppedEarly: whether a look stopped one of them.
    ///   - level: the error rate of all intervals together.
    /// - Returns: nil where a cell has fewer units than a verdict needs, or two cells share fewer.
    init?(
        _ cells: [(name: Name, cell: String, effects: UnitEffects)], stoppedEarly: Bool,
        level: Double
    ) {
        guard let first = cells.first, first.effects.values.count >= Verdict.leastUnits,
            let mean = try? Moments(first.effects.values).mean
        else { return nil }
        var parts = [Part(name: first.name, logRatio: mean, interval: nil, against: nil)]
        for (from, to) in zip(cells, cells.dropFirst()) {
            guard let step = UnitEffects.difference(from: from.effects, to: to.effects),
                let interval = try? step.interval(
                    confidence: 1 - level / Double(cells.count - 1))
            else { return nil }
            parts.append(
                Part(
                    name: to.name, logRatio: step.estimate, interval: interval,
                    against: from.cell))
        }
        self.parts = parts
        self.stoppedEarly = stoppedEarly
    }
}
