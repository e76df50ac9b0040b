// SPDX-License-Identifier: GPL-3.0-or-later

import Histogram
import Protocol

/// Latency distributions added up one after the other, in the memory of one.
public struct LatencySum: Sendable {
    private var counts: [UInt64] = []
    private var total = 0.0
    private var weighted = 0.0
    private var least = UInt64.max
    private var greatest: UInt64 = 0
    private var closedLoop = true
    private var isDamaged = false
    private var open = OpenUnit()
    private var unitTails = UnitTails()

    /// Nothing as yet.
    public init() {}

    /// Adds a distribution as a journal keeps it.
    public mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add(LatencyText(UnsafeRawBufferPointer($0)), countsValues: true) }
    }

    /// - Parameters:
    ///   - countsValues: whether the distribution is added too, and not only its mean and its
    ///     ends.
    ///   - unit: the unit of the comparison that it belongs to, if any; those of one unit come one
    ///     after the other.
    mutating func add(_ text: LatencyText?, countsValues: Bool, unit: Int? = nil) {
        guard let text else {
            isDamaged = true
            return
        }
        if total == 0 { closedLoop = text.closedLoop }
        total += Double(text.count)
        weighted += text.mean * Double(text.count)
        least = min(least, text.min)
        greatest = max(greatest, text.max)
        guard countsValues else { return }
        let added: UInt64?
        if let unit {
            if unit != open.unit { closeUnit() }
            added = open.add(text, unit: unit)
        } else {
            makeRoom()
            added = counts.withUnsafeMutableBufferPointer {
                HistogramCoding.add(text.histogram, to: $0)
            }
        }
        if added != text.count { isDamaged = true }
    }

    private mutating func makeRoom() {
        if counts.isEmpty { counts = Array(repeating: 0, count: HistogramCoding.places) }
    }

    /// Adds the latencies of the unit that is open to the whole.
    private mutating func closeUnit(isLast: Bool = false) {
        guard let unit = open.unit else { return }
        makeRoom()
        unitTails.close(unit, open.close(into: &counts), isLast: isLast)
    }

    /// Ends a part of a journal.
    mutating func finish() {
        closeUnit(isLast: true)
        open = OpenUnit()
    }

    /// The tails of the units, unless an encoding was damaged.
    public var tails: [UnitTail] { isDamaged ? [] : unitTails.all }

    /// Adds another sum, of a later part of the journal; both are finished.
    mutating func add(_ other: LatencySum) {
        unitTails.add(other.unitTails)
        if total == 0 { closedLoop = other.closedLoop }
        if counts.isEmpty {
            counts = other.counts
        } else {
            for place in other.counts.indices { counts[place] &+= other.counts[place] }
        }
        isDamaged = isDamaged || other.isDamaged
        total += other.total
        weighted += other.weighted
        least = min(least, other.least)
        greatest = max(greatest, other.greatest)
    }

    /// The whole; `nil` without a value, or when an encoding was damaged.
    ///
    /// Percentiles come from the added counts; mean, least and greatest value are exact.
    public var record: LatencyRecord? {
        guard !isDamaged, total > 0,
            var record = LatencyRecord(
                LatencyCounts(counts: counts), closedLoop: closedLoop)
        else { return nil }
        record.mean = weighted / total
        record.min = least
        record.max = greatest
        return record
    }
}
