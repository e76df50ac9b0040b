// SPDX-License-Identifier: GPL-3.0-or-later

import Histogram

extension LatencyRecord {
    /// One distribution over several slices; `nil` without any, or when an encoding is damaged.
    ///
    /// Percentiles come from the added counts; mean, least and greatest value from the records.
    public static func merging(_ records: [LatencyRecord]) -> LatencyRecord? {
        guard let first = records.first, var sum = first.distribution else { return nil }
        for record in records.dropFirst() {
            guard let other = record.distribution else { return nil }
            sum.add(other)
        }
        guard var merged = LatencyRecord(sum, closedLoop: first.closedLoop) else { return nil }
        let total = records.reduce(0.0) { $0 + Double($1.count) }
        merged.mean = records.reduce(0.0) { $0 + $1.mean * Double($1.count) } / total
        merged.min = records.map(\.min).min()!
        merged.max = records.map(\.max).max()!
        return merged
    }
}
