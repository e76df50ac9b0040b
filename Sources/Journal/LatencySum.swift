// SPDX-License-Identifier: GPL-3.0-or-later

import Histogram
import Protocol

/// Latency distributions added up one after the other, in the memory of one.
public struct LatencySum: Sendable {
    /// One more than the place of the greatest value that a histogram holds.
    private static let places = HistogramCoding.index(of: 60_000_000_000) + 1

    private var counts: [UInt64] = []
    private var total = 0.0
    private var weighted = 0.0
    private var least = UInt64.max
    private var greatest: UInt64 = 0
    private var closedLoop = true
    private var isDamaged = false

    /// Nothing as yet.
    public init() {}

    /// Adds what a slice's record says.
    public mutating func add(_ record: LatencyRecord) {
        var text = record.histogram
        text.withUTF8 { text in
            add(
                LatencyFigures(
                    count: record.count, mean: record.mean, min: record.min, max: record.max,
                    closedLoop: record.closedLoop, histogram: UnsafeRawBufferPointer(text)))
        }
    }

    /// - Parameter countsValues: whether the distribution is added too, and not only its mean and
    ///   its ends.
    mutating func add(_ figures: LatencyFigures, countsValues: Bool = true) {
        if total == 0 { closedLoop = figures.closedLoop }
        total += Double(figures.count)
        weighted += figures.mean * Double(figures.count)
        least = min(least, figures.min)
        greatest = max(greatest, figures.max)
        guard countsValues else { return }
        if counts.isEmpty { counts = Array(repeating: 0, count: Self.places) }
        let isWhole = counts.withUnsafeMutableBufferPointer {
            HistogramAdding.add(figures.histogram, to: $0)
        }
        isDamaged = isDamaged || !isWhole
    }

    /// Adds another sum.
    mutating func add(_ other: LatencySum) {
        if total == 0 { closedLoop = other.closedLoop }
        if counts.isEmpty {
            counts = other.counts
        } else {
            for place in other.counts.indices { counts[place] += other.counts[place] }
        }
        isDamaged = isDamaged || other.isDamaged
        total += other.total
        weighted += other.weighted
        least = min(least, other.least)
        greatest = max(greatest, other.greatest)
    }

    /// The whole; `nil` without a value, or when an encoding was damaged.
    ///
    /// Percentiles come from the added counts; mean, least and greatest value from the records.
    public var record: LatencyRecord? {
        guard !isDamaged, total > 0 else { return nil }
        var histogram = HistogramCoding.empty()
        for (place, count) in counts.enumerated() where count > 0 {
            histogram.record(HistogramCoding.value(at: place), count: count)
        }
        guard var record = LatencyRecord(histogram, closedLoop: closedLoop) else { return nil }
        record.mean = weighted / total
        record.min = least
        record.max = greatest
        return record
    }
}

/// What a latency record holds, its histogram still as it stands in the file.
struct LatencyFigures {
    var count: UInt64 = 0
    var mean = 0.0
    var min: UInt64 = 0
    var max: UInt64 = 0
    var closedLoop = true
    var histogram = UnsafeRawBufferPointer(start: nil, count: 0)
}
