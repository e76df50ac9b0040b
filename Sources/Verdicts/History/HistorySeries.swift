// SPDX-License-Identifier: GPL-3.0-or-later

import Statistics

/// One cell through the experiments of a history that can be held against each other.
package struct HistorySeries: Sendable, Equatable {
    /// What one experiment says of the cell.
    package struct Point: Codable, Sendable, Equatable {
        /// The experiment's id.
        package var experiment: String
        /// When it began, nanoseconds since 1970.
        package var startedAt: Int
        /// The version that measured.
        package var toolVersion: String
        /// The candidate's label.
        package var candidate: String
        /// The candidate's uname -r.
        package var kernelRelease: String
        /// The cell's name for people; absent where it has none.
        package var shortName: String?
        /// What the rates are counted in.
        package var unit: String
        /// The verdict's word.
        package var verdict: String
        /// The change in percent.
        package var effect: Double?
        /// The lower end of its interval, percent.
        package var low: Double?
        /// The upper end of its interval, percent.
        package var high: Double?
        /// MDE80, percent.
        package var detectable: Double?
        /// The rate of A, in `unit`.
        package var rateA: Double?
        /// The rate of B.
        package var rateB: Double?

        /// The names in documents, and of the columns of the store's query.
        package enum CodingKeys: String, CodingKey {
            case experiment = "id"
            case startedAt = "started_at_ns"
            case toolVersion = "tool_version"
            case candidate
            case kernelRelease = "kernel_release"
            case shortName = "short_name"
            case unit, verdict
            case effect = "effect_percent"
            case low = "interval_low_percent"
            case high = "interval_high_percent"
            case detectable = "mde80_percent"
            case rateA = "a_rate"
            case rateB = "b_rate"
        }

        /// The interval of the change, percent.
        package var interval: Interval? {
            guard let low, let high else { return nil }
            return Interval(lower: low, upper: high, confidence: 0.95)
        }

        /// Whether the cell's effect is a figure: a change that an invalid cell shows is none.
        var counts: Bool {
            verdict != Verdict.Outcome.invalid.rawValue && (effect.map { $0 > -100 } ?? false)
        }
    }

    /// What its experiments share.
    package var key: Key
    /// In the order in which they began.
    package var points: [Point]

    /// A series of points in the order in which their experiments began.
    package init(key: Key, points: [Point]) {
        self.key = key
        self.points = points
    }

    /// The cell's name for people, as the newest experiment has it.
    package var label: String { points.last?.shortName ?? key.cell }

    /// Sorts points into series, in the order of the cells' names and of what they were measured
    /// with.
    ///
    /// - Parameter points: in the order in which their experiments began.
    package static func sorted(_ points: [(key: Key, point: Point)]) -> [HistorySeries] {
        Dictionary(grouping: points, by: \.key)
            .map { HistorySeries(key: $0, points: $1.map(\.point)) }
            .sorted { $0.key.words.lexicographicallyPrecedes($1.key.words) }
    }
}
