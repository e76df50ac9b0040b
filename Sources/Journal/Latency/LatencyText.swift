// SPDX-License-Identifier: GPL-3.0-or-later

import Protocol

/// A latency distribution as a journal keeps it: `closed 50000 1234.5 900 2111 AbC…`.
///
/// Whether it is of a closed or an open loop, how many values, their mean, the least and the
/// greatest in nanoseconds, and the counts as `HistogramCoding` writes them.
struct LatencyText {
    var closedLoop: Bool
    var count: UInt64
    var mean: Double
    var min: UInt64
    var max: UInt64
    /// Good while the bytes are there that it was read from.
    var histogram: UnsafeRawBufferPointer

    static func encode(_ record: LatencyRecord) -> String {
        let loop = record.closedLoop ? "closed" : "open"
        return "\(loop) \(record.count) \(record.mean) \(record.min) \(record.max) "
            + record.histogram
    }

    /// `nil` for what `encode` did not make.
    init?(_ text: UnsafeRawBufferPointer) {
        var words = WordReader(text)
        let loop = words.nextBytes()
        guard loop.equals("closed") || loop.equals("open"), let count: UInt64 = words.next(),
            let mean: Double = words.next(), let min: UInt64 = words.next(),
            let max: UInt64 = words.next()
        else { return nil }
        closedLoop = loop.equals("closed")
        (self.count, self.mean, self.min, self.max) = (count, mean, min, max)
        histogram = words.rest
    }
}
