// SPDX-License-Identifier: GPL-3.0-or-later

import Protocol

/// The latencies of the unit whose slices are just being read.
struct OpenUnit: Sendable {
    /// Its number; nil while there is none.
    private(set) var unit: Int?
    private var counts: [UInt64] = []
    /// The places that may hold a count.
    private var used = 0..<0

    /// Adds a distribution.
    ///
    /// - Returns: how many values were added; `nil` when the text is damaged, and some may be.
    mutating func add(_ text: LatencyText, unit: Int) -> UInt64? {
        self.unit = unit
        if counts.isEmpty { counts = Array(repeating: 0, count: HistogramCoding.places) }
        let least = min(HistogramCoding.index(of: text.min), counts.count - 1)
        let end = min(HistogramCoding.index(of: text.max) + 1, counts.count)
        used =
            used.isEmpty
            ? least..<max(end, least + 1)
            : min(least, used.lowerBound)..<max(end, used.upperBound)
        return counts.withUnsafeMutableBufferPointer {
            HistogramCoding.add(text.histogram, to: $0)
        }
    }

    /// Ends the unit: adds its counts to others of as many places, and forgets them.
    mutating func close(into sum: inout [UInt64]) -> LatencyCounts {
        var entries: [LatencyCounts.Entry] = []
        counts.withUnsafeMutableBufferPointer { counts in
            sum.withUnsafeMutableBufferPointer { sum in
                for place in used where counts[place] > 0 {
                    sum[place] &+= counts[place]
                    entries.append(
                        LatencyCounts.Entry(
                            value: HistogramCoding.value(at: place), count: counts[place]))
                    counts[place] = 0
                }
            }
        }
        unit = nil
        used = 0..<0
        return LatencyCounts(entries: entries)
    }
}
