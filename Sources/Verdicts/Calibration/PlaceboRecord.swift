// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Statistics

/// How many A/A comparisons found a difference by the labels that their arms really had.
public struct PlaceboRecord: Codable, Sendable, Equatable {
    /// The schema that this version writes.
    public static let schemaName = "plumbline.placebos/1"
    /// At or below this p, the mean over all comparisons shows that the arms differ.
    public static let biasLevel = 0.01

    /// The mean effect of B against A over all units, which shows a bias that single comparisons
    /// are too short for.
    public struct Pooled: Codable, Sendable, Equatable {
        /// The change in percent.
        public var change: Double
        /// The lower end of its interval at 95 %, percent.
        public var low: Double
        /// The upper end, percent.
        public var high: Double
        /// The two-sided p of no effect.
        public var p: Double
        /// Units that it rests on.
        public var units: Int

        private enum CodingKeys: String, CodingKey {
            case change = "change_percent"
            case low = "interval_low_percent"
            case high = "interval_high_percent"
            case p, units
        }

        /// Of log ratios by Student's t; nil for fewer than two, and where they are all equal.
        init?(_ values: [Double]) {
            guard let mean = try? StudentT(values), mean.standardError > 0,
                let interval = try? mean.interval().percent
            else { return nil }
            change = Percent.change(ofLogRatio: mean.estimate)
            (low, high, p, units) = (interval.lower, interval.upper, mean.p, values.count)
        }

        /// The interval at 95 %, percent.
        public var interval: Interval { .init(lower: low, upper: high, confidence: 0.95) }
    }

    /// The comparisons of one cell.
    public struct Cell: Codable, Sendable, Equatable {
        /// The cell's name.
        public var name: String
        /// The name for people; absent where the suite gave none.
        public var shortName: String?
        /// How many comparisons ended with which verdict.
        public var outcomes: [String: Int] = [:]
        /// Units at the end that made no whole comparison.
        public var leftOver = 0
        /// The mean over all its comparisons; absent without one.
        public var pooled: Pooled?

        private enum CodingKeys: String, CodingKey {
            case name
            case shortName = "short_name"
            case outcomes
            case leftOver = "left_over"
            case pooled
        }

        /// The comparisons made.
        public var comparisons: Int { outcomes.values.reduce(0, +) }
        /// Those that found B faster.
        public var improved: Int { outcomes[Verdict.Outcome.improved.rawValue] ?? 0 }
        /// Those that found B slower.
        public var regressed: Int { outcomes[Verdict.Outcome.regressed.rawValue] ?? 0 }
    }

    /// The schema.
    public var schema = PlaceboRecord.schemaName
    /// The tool's version.
    public var toolVersion = plumblineVersion
    /// What both arms are.
    public var arms: String
    /// The ids of the experiments.
    public var journals: [String]
    /// What a comparison is made of: `block` or `round`.
    public var unit: String
    /// Units of each comparison.
    public var units: Int
    /// Whether guests were emulated; absent for no.
    public var emulated: Bool?
    /// The fewest differences that are in order at 0.05.
    public var fewest: Int
    /// The most that are in order.
    public var most: Int
    /// The mean over all comparisons; absent where there is no spread.
    public var pooled: Pooled?
    /// Each cell's part.
    public var cells: [Cell]

    private enum CodingKeys: String, CodingKey {
        case schema
        case toolVersion = "tool_version"
        case arms, journals, unit, units, emulated
        case fewest = "fewest_in_order"
        case most = "most_in_order"
        case pooled, cells
    }

    /// All comparisons.
    public var comparisons: Int { cells.reduce(0) { $0 + $1.comparisons } }
    /// Those that found B faster.
    public var improved: Int { cells.reduce(0) { $0 + $1.improved } }
    /// Those that found B slower.
    public var regressed: Int { cells.reduce(0) { $0 + $1.regressed } }
    /// Those that found a difference.
    public var rejections: Int { improved + regressed }
    /// Whether more comparisons found a difference than chance explains.
    public var findsTooMany: Bool { rejections > most }
    /// Whether all comparisons together show that the arms differ.
    public var isBiased: Bool { pooled.map { $0.p <= Self.biasLevel } ?? false }
    /// Whether verdicts made like these cannot be trusted.
    public var isOutOfOrder: Bool { findsTooMany || isBiased }
}
