// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Statistics

/// Whether an experiment found what earlier ones of its series did.
///
/// The effect of each cell is held against the effects since the series' last change: a new value
/// of the same kind lies in mean ± t·s·√(1 + 1/n) with the confidence of t. A cell that lies
/// outside has changed; one whose difference is shown to be within ±X has not; otherwise nothing
/// is shown. The cells' p are adjusted by Holm's procedure.
package struct HistoryGate: Sendable {
    /// One cell of the experiment.
    package struct Cell: Sendable, Equatable {
        /// The cell's full name.
        package var name: String
        /// Its name for people.
        package var label: String
        /// `regressed` is worse than its history, `improved` better, `equivalent` the same.
        package var outcome: Verdict.Outcome
        /// The experiment's effect, percent.
        package var effect: Double?
        /// The mean effect of the earlier experiments, percent.
        package var usual: Double?
        /// Where the effect of another experiment is expected at 95 %, percent.
        package var expected: Interval?
        /// The adjusted p of no difference.
        package var p: Double?
        /// Earlier experiments that it is held against.
        package var count: Int
        /// Why nothing is shown; empty where something is.
        package var reason: String

        fileprivate var test: StudentT?
        fileprivate var sign = 1.0
        fileprivate var resolution = 0.0
    }

    /// Fewer earlier experiments than this show nothing.
    package static let least = 5
    /// The level of the adjusted p.
    package static let level = 0.05

    /// The experiment.
    package let entry: HistoryEntry
    /// ±X, a fraction.
    package let margin: Double
    /// The cells in the order of the suite.
    package private(set) var cells: [Cell]

    /// Holds an experiment against a history.
    ///
    /// - Parameters:
    ///   - points: of its cells, in the order in which their experiments began; those that began no
    ///     earlier are left out.
    ///   - margin: ±X, a fraction in (0, 1).
    package init(
        _ entry: HistoryEntry,
        against points: [(key: HistorySeries.Key, point: HistorySeries.Point)], margin: Double
    ) throws(StatisticsError) {
        self.entry = entry
        self.margin = margin
        let series = Dictionary(
            grouping: points.filter { $0.point.startedAt < entry.experiment.startedAt }, by: \.key)
        cells = []
        for cell in entry.cells {
            let key = HistorySeries.Key(cell: cell.name, of: entry)
            let earlier = HistorySeries(key: key, points: (series[key] ?? []).map(\.point))
            var older = key
            older.settings = nil
            cells.append(
                try Cell(
                    cell, after: Trend(earlier),
                    unclear: key.settings == nil ? 0 : series[older]?.count ?? 0))
        }
        try judge(EquivalenceMargin(fraction: margin))
    }

    private mutating func judge(_ margin: EquivalenceMargin) throws(StatisticsError) {
        let judged = cells.indices.filter { cells[$0].test != nil }
        guard !judged.isEmpty else { return }
        let adjusted = try Multiplicity.holm(judged.map { cells[$0].test?.p ?? 1 })
        for (index, p) in zip(judged, adjusted) {
            guard let test = cells[index].test else { continue }
            cells[index].p = p
            let isOutside = p <= Self.level && abs(test.estimate) > cells[index].resolution
            if isOutside {
                cells[index].outcome =
                    test.estimate * cells[index].sign > 0 ? .improved : .regressed
            } else if EquivalenceTest(test, margin: margin).p <= 0.05 {
                cells[index].outcome = .equivalent
            } else {
                cells[index].reason =
                    "the history varies too much to exclude a difference of "
                    + "\(Decimal.significant(100 * margin.fraction, 2))%"
            }
        }
    }

    /// 3 when a cell got worse; else 5 when one is invalid or there is none, 4 when for one nothing
    /// is shown, and 0.
    package var exitCode: Int32 {
        func has(_ outcome: Verdict.Outcome) -> Bool { cells.contains { $0.outcome == outcome } }
        if has(.regressed) { return 3 }
        if cells.isEmpty || has(.invalid) { return 5 }
        return has(.inconclusive) ? 4 : 0
    }
}

extension HistoryGate.Cell {
    /// A cell that is not judged yet.
    ///
    /// - Parameters:
    ///   - trend: the earlier experiments'.
    ///   - unclear: earlier experiments of the series or another one: their entries do not say how
    ///     their kernels were set.
    fileprivate init(_ cell: HistoryEntry.Cell, after trend: Trend, unclear: Int) {
        name = cell.name
        label = cell.label
        effect = cell.effect
        outcome = .inconclusive
        reason = ""
        count = trend.levels.last?.range.count ?? 0
        if cell.better == "lower" {
            sign = -1
        } else if cell.better == nil, cell.metric == CellMetric.instructions.name {
            sign = -1
            resolution = CellVerdict.resolution
        }
        guard cell.outcome != .invalid else {
            outcome = .invalid
            reason = "its own verdict is invalid"
            return
        }
        guard let level = trend.levels.last, count >= HistoryGate.least else {
            reason =
                "\(Decimal.count(count, "earlier experiment")) since the last change; at least "
                + "\(HistoryGate.least) are needed"
            if unclear > 0 {
                reason +=
                    "; \(unclear) more are from a plumbline that did not keep the "
                    + "kernels' settings: add the journals again"
            }
            return
        }
        usual = level.mean
        let earlier = trend.points[level.range].compactMap { Trend.Measure.effect.value(of: $0) }
        guard let effect, effect > -100,
            let test = try? StudentT.next(Percent.logRatio(ofChange: effect), after: earlier)
        else {
            reason = "it has no effect"
            return
        }
        self.test = test
        let center = Percent.logRatio(ofChange: level.mean)
        expected = (try? test.interval()).map { interval in
            let radius = (interval.upper - interval.lower) / 2
            return Interval(
                lower: center - radius, upper: center + radius, confidence: interval.confidence
            ).percent
        }
    }
}
