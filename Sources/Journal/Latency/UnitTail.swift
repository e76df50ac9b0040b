// SPDX-License-Identifier: GPL-3.0-or-later

import Protocol

/// The mean of one unit's latencies and where their tail begins: those of one arm and one kind of
/// operation in a round of boots, or in a batch of blocks.
public struct UnitTail: Sendable, Equatable {
    /// The quantiles that are looked at.
    public static let quantiles = [0.99, 0.999]

    /// The unit's number among the cell's, from 0.
    public var unit: Int
    /// Latencies recorded.
    public var count: UInt64
    /// The mean, nanoseconds.
    public var mean: Double
    /// The value at each of `quantiles`, nanoseconds.
    public var values: [Double]
    /// The value at each point of `PercentileScale`, nanoseconds.
    public var curve: [UInt64]

    /// The tail of a unit's latencies, at least one.
    init(unit: Int, _ latencies: LatencyCounts) {
        self.unit = unit
        count = latencies.totalCount
        let sum = latencies.entries.reduce(0) { $0 + Double($1.value) * Double($1.count) }
        mean = sum / Double(max(1, count))
        values = Self.quantiles.map { latencies.value(at: $0, of: latencies.totalCount) }
        curve = latencies.curve
    }

    /// Whether enough latencies lie beyond a quantile for its value to be one of the tail: 10.
    public func holds(_ quantile: Double) -> Bool {
        Double(count) * (1 - quantile) >= Self.leastBeyond - 1e-6
    }

    /// Latencies beyond a quantile below which a unit says nothing of it.
    public static let leastBeyond = 10.0
}

extension LatencyCounts {
    /// The latency at a quantile, nanoseconds, interpolated within its place.
    fileprivate func value(at quantile: Double, of total: UInt64) -> Double {
        let wanted = quantile * Double(total)
        var before = 0.0
        for entry in entries {
            let count = Double(entry.count)
            if before + count >= wanted {
                let place = HistogramCoding.index(of: entry.value)
                let least = Double(HistogramCoding.value(at: place))
                let width = Double(HistogramCoding.value(at: place + 1)) - least
                return least + width * (wanted - before) / count
            }
            before += count
        }
        return entries.last.map { Double($0.value) } ?? 0
    }
}
