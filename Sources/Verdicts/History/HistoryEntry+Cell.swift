// SPDX-License-Identifier: GPL-3.0-or-later

import Statistics

extension HistoryEntry {
    /// What came of one cell. Changes and deviations are in percent, B against A.
    package struct Cell: Codable, Sendable, Equatable {
        /// The cell's full name.
        package var name: String
        /// Its name for people; absent where it has none.
        package var shortName: String?
        /// `throughput`, `iops`, `instructions`, or the name of a foreign program's metric.
        package var metric: String
        /// `lower` where less of the metric is better, in entries of a foreign program's; absent
        /// where the metric's name says it.
        package var better: String?
        /// What its rates are counted in.
        package var unit: String
        /// The word of `Verdict.Outcome`.
        package var verdict: String
        /// The change.
        package var effect: Double?
        /// The lower end of its interval.
        package var low: Double?
        /// The upper end of its interval.
        package var high: Double?
        /// The interval's coverage, a fraction.
        package var confidence: Double?
        /// The p of no difference.
        package var p: Double?
        /// The same, adjusted for the number of cells.
        package var adjustedP: Double?
        /// How many units the verdict rests on.
        package var units: Int
        /// `rounds` or `blocks`.
        package var unitKind: String
        /// The deviation between boots.
        package var betweenBoots: Double?
        /// The deviation of blocks within a boot.
        package var withinBoots: Double?
        /// The deviation of the units.
        package var deviation: Double?
        /// MDE80: the change that was found with a power of 0.8.
        package var detectable: Double?
        /// X*: no difference is larger.
        package var noLargerThan: Double?
        /// The rate of A, in `unit`.
        package var rateA: Double?
        /// The rate of B, in `unit`.
        package var rateB: Double?
        /// A's latency at 0.99, of writes where there are two kinds, nanoseconds.
        package var p99A: Int?
        /// B's.
        package var p99B: Int?
        /// A's latency at 0.999, nanoseconds.
        package var p999A: Int?
        /// B's.
        package var p999B: Int?
        /// Void slices of A.
        package var voidsA: Int
        /// Void slices of B.
        package var voidsB: Int
        /// What a reader should know of the verdict.
        package var tags: [String]

        private enum CodingKeys: String, CodingKey {
            case name
            case shortName = "short_name"
            case metric, better, unit, verdict
            case effect = "effect_percent"
            case low = "interval_low_percent"
            case high = "interval_high_percent"
            case confidence
            case p = "p_value"
            case adjustedP = "p_adjusted"
            case units
            case unitKind = "unit_kind"
            case betweenBoots = "between_boot_sd_percent"
            case withinBoots = "within_boot_sd_percent"
            case deviation = "unit_sd_percent"
            case detectable = "mde80_percent"
            case noLargerThan = "no_difference_larger_than_percent"
            case rateA = "a_rate"
            case rateB = "b_rate"
            case p99A = "a_p99_ns"
            case p99B = "b_p99_ns"
            case p999A = "a_p99_9_ns"
            case p999B = "b_p99_9_ns"
            case voidsA = "a_void_slices"
            case voidsB = "b_void_slices"
            case tags
        }

        /// The name for people.
        package var label: String { shortName ?? name }
        /// The verdict; one of a later version counts as invalid.
        package var outcome: Verdict.Outcome { .init(rawValue: verdict) ?? .invalid }
        /// The interval of the change.
        package var interval: Interval? {
            guard let low, let high else { return nil }
            return Interval(lower: low, upper: high, confidence: confidence ?? 0.95)
        }
    }
}

extension HistoryEntry.Cell {
    /// What a verdict says, its numbers that are not finite left out.
    init(_ cell: CellVerdict) {
        name = cell.plan.name
        shortName = cell.plan.shortName
        metric = cell.metric.name
        better = cell.metric.own.map { _ in cell.metric.better }
        unit = cell.metric.unit
        verdict = cell.outcome.rawValue
        effect = cell.effect.finite
        low = cell.interval?.lower
        high = cell.interval?.upper
        confidence = cell.interval?.confidence
        p = cell.p.finite
        adjustedP = cell.adjustedP.finite
        units = cell.units
        unitKind = cell.countsRounds ? "rounds" : "blocks"
        betweenBoots = cell.spread.map { 100 * $0.between }.finite
        withinBoots = cell.spread?.within.map { 100 * $0 }.finite
        deviation = (cell.evidence["round_sd_percent"] ?? cell.evidence["block_sd_percent"]).finite
        detectable = cell.detectable.finite
        noLargerThan = cell.noLargerThan.finite
        let rates = cell.arms.map { arm in
            (cell.metric == .bandwidth ? arm.total.bandwidth : cell.figure(arm)).finite
        }
        (rateA, rateB) = (rates[0], rates[1])
        let latencies = cell.arms.map { $0.latencies.first?.record }
        p99A = latencies[0].map { Int(clamping: $0.p99) }
        p99B = latencies[1].map { Int(clamping: $0.p99) }
        p999A = latencies[0].map { Int(clamping: $0.p99_9) }
        p999B = latencies[1].map { Int(clamping: $0.p99_9) }
        voidsA = cell.arms[0].total.void
        voidsB = cell.arms[1].total.void
        tags = cell.tags
    }
}

extension Double? {
    /// The number, unless it is infinite or none.
    fileprivate var finite: Double? { flatMap { $0.isFinite ? $0 : nil } }
}
