// SPDX-License-Identifier: GPL-3.0-or-later

import Histogram

/// How often each latency came, in ascending order: a histogram's places that are not empty.
///
/// A slice has few of them, and all that is asked of it takes one pass.
public struct LatencyCounts: Sendable, Equatable {
    /// Values of one place of HdrHistogram at 3 digits, by their greatest, and how many.
    public struct Entry: Sendable, Equatable {
        /// Nanoseconds.
        public var value: UInt64
        /// Above 0.
        public var count: UInt64

        /// An entry.
        public init(value: UInt64, count: UInt64) {
            self.value = value
            self.count = count
        }
    }

    /// In ascending order, no place twice.
    public private(set) var entries: [Entry] = []

    /// No latency.
    public init() {}

    /// Latencies from entries in ascending order, no place twice.
    package init(entries: [Entry]) { self.entries = entries }

    /// Counts of places, one a place, as a journal has them: of any size, so that nothing may be
    /// summed up here that overflows.
    package init(counts: [UInt64]) {
        entries = counts.indices.filter { counts[$0] > 0 }.map { place in
            Entry(value: HistogramCoding.value(at: place + 1) - 1, count: counts[place])
        }
    }

    /// A histogram's.
    public init(_ histogram: Histogram<UInt64>) {
        entries = histogram.recordedValues().map { Entry(value: $0.value, count: $0.count) }
    }

    /// Adds entries of another worker, in ascending order.
    public mutating func add(_ others: UnsafeBufferPointer<Entry>) {
        let own = entries
        entries = []
        entries.reserveCapacity(own.count + others.count)
        var at = 0
        for other in others {
            while at < own.count, own[at].value < other.value {
                entries.append(own[at])
                at += 1
            }
            if at < own.count, own[at].value == other.value {
                entries.append(Entry(value: other.value, count: own[at].count &+ other.count))
                at += 1
            } else {
                entries.append(other)
            }
        }
        entries += own[at...]
    }

    /// How many latencies there are.
    public var totalCount: UInt64 { entries.reduce(0) { $0 &+ $1.count } }

    /// How many of them lie between two values, to the precision of the places.
    public func count(within range: ClosedRange<UInt64>) -> UInt64 {
        entries.reduce(0) { range.contains($1.value) ? $0 &+ $1.count : $0 }
    }
}

extension LatencyRecord {
    /// Sums up latencies; `nil` without any.
    ///
    /// Percentiles are the greatest value of the place that holds them, as HdrHistogram has them.
    public init?(_ latencies: LatencyCounts, closedLoop: Bool) {
        let entries = latencies.entries
        guard let first = entries.first, let last = entries.last else { return nil }
        let count = latencies.totalCount
        let sum = entries.reduce(0.0) { sum, entry in
            let place = HistogramCoding.index(of: entry.value)
            let least = HistogramCoding.value(at: place)
            let middle = least + (HistogramCoding.value(at: place + 1) - least) / 2
            return sum + Double(middle) * Double(entry.count)
        }
        var places: [UInt64] = []
        var (seen, at) = (UInt64(0), -1)
        for percent in [50, 90, 99, 99.9] {
            // Rounding errors must not push it into the next place.
            let wanted = Swift.max(1, UInt64((percent.nextDown * Double(count) / 100).rounded(.up)))
            while seen < wanted, at + 1 < entries.count {
                at += 1
                seen &+= entries[at].count
            }
            places.append(Self.greatest(entries[at].value))
        }
        self.init(
            count: count, mean: sum / Double(count), min: first.value, p50: places[0],
            p90: places[1], p99: places[2], p99_9: places[3], max: Self.greatest(last.value),
            closedLoop: closedLoop, histogram: HistogramCoding.encode(latencies))
    }

    /// The greatest value that is counted at a value's place.
    private static func greatest(_ value: UInt64) -> UInt64 {
        HistogramCoding.value(at: HistogramCoding.index(of: value) + 1) - 1
    }
}
