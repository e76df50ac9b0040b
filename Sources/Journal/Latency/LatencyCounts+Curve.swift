// SPDX-License-Identifier: GPL-3.0-or-later

import Protocol

/// The points of a curve of percentiles p: those where 1/(1 − p) grows by equal factors from 1, so
/// that each nine more has as much room as the one before.
public enum PercentileScale {
    /// Points in each factor of ten.
    public static let pointsPerDecade = 8
    /// 10^(1/8), by which 1/(1 − p) grows from one point to the next.
    public static let factor = 1.333_521_432_163_324
}

extension LatencyCounts {
    /// The latency at each point of `PercentileScale`, nanoseconds, as far as there are latencies
    /// beyond it.
    package var curve: [UInt64] {
        var curve: [UInt64] = []
        let total = Double(totalCount)
        var beyond = total
        var seen = 0.0
        for entry in entries {
            seen += Double(entry.count)
            while beyond >= 1 - 1e-9, total - beyond < seen {
                curve.append(entry.value)
                beyond /= PercentileScale.factor
            }
        }
        return curve
    }

    /// The counts in a text of `HistogramCoding`; nil when it is damaged.
    package init?(text: String) {
        var counts = [UInt64](repeating: 0, count: HistogramCoding.places)
        var text = text
        let total = text.withUTF8 { text in
            counts.withUnsafeMutableBufferPointer {
                HistogramCoding.add(UnsafeRawBufferPointer(text), to: $0)
            }
        }
        guard total != nil else { return nil }
        self.init(counts: counts)
    }
}
