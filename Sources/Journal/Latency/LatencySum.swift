// SPDX-License-Identifier: GPL-3.0-or-later

import Histogram
import Protocol

/// What latency distributions add up to.
public struct LatencyTotal: Sendable {
    /// The whole; `nil` without a value, or when an encoding was damaged.
    public let record: LatencyRecord?
    /// The tails of the units; none when an encoding was damaged.
    public let tails: [UnitTail]
}

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
    private var tails: [UnitTail] = []

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
    private mutating func closeUnit() {
        guard let unit = open.unit else { return }
        makeRoom()
        let latencies = open.close(into: &counts)
        if !latencies.entries.isEmpty { tails.append(UnitTail(unit: unit, latencies)) }
    }

    /// Ends the last unit.
    ///
    /// - Returns: what there is in all.
    mutating func finish() -> LatencyTotal {
        closeUnit()
        return LatencyTotal(record: record, tails: isDamaged ? [] : tails)
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
