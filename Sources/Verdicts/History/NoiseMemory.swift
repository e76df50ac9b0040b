// SPDX-License-Identifier: GPL-3.0-or-later

/// What a machine was able to see in a cell: the MDE80 of each experiment that measured it.
package struct NoiseMemory: Sendable, Equatable {
    /// The cell's full name.
    package let cell: String
    /// Its name for people.
    package let label: String
    /// `time`, `instructions` or `pmu`.
    package let metric: String
    /// The machine, as `HistoryEntry.Experiment` has it.
    package let machine: String
    /// Experiments that have an MDE80.
    package let count: Int
    /// The least MDE80, percent.
    package let best: Double
    /// The middle one, or the mean of both in the middle.
    package let median: Double
    /// The greatest.
    package let worst: Double
    /// That of the newest experiment.
    package let last: Double
    /// When that began, nanoseconds since 1970.
    package let lastStartedAt: Int

    /// Sums points up, whatever was compared; those without an MDE80 are left out.
    ///
    /// - Parameter points: in the order in which their experiments began.
    package static func all(
        _ points: [(key: HistorySeries.Key, point: HistorySeries.Point)]
    ) -> [NoiseMemory] {
        HistorySeries.sorted(
            points.map { key, point in
                var key = key
                key.suite = ""
                key.compared = ""
                key.kernel = ""
                key.settings = nil
                return (key, point)
            }
        ).compactMap(NoiseMemory.init)
    }

    private init?(_ series: HistorySeries) {
        let points = series.points.filter { $0.counts && $0.detectable != nil }
        let values = points.compactMap(\.detectable).sorted()
        guard let newest = points.last, let last = newest.detectable else { return nil }
        cell = series.key.cell
        label = series.label
        metric = series.key.metric
        machine = series.key.machine
        count = values.count
        best = values[0]
        median = (values[(count - 1) / 2] + values[count / 2]) / 2
        worst = values[count - 1]
        self.last = last
        lastStartedAt = newest.startedAt
    }
}
