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
        "\(record.closedLoop ? "closed" : "open") \(record.count) \(record.mean) \(record.min) "
            + "\(record.max) \(record.histogram)"
    }

    /// `nil` for what `encode` did not make.
    init?(_ text: UnsafeRawBufferPointer) {
        var rest = text[...]
        func word() -> String? {
            guard let space = rest.firstIndex(of: UInt8(ascii: " ")) else { return nil }
            defer { rest = rest[(space + 1)...] }
            return String(decoding: rest[..<space], as: UTF8.self)
        }
        guard let loop = word(), ["closed", "open"].contains(loop),
            let count = word().flatMap(UInt64.init), let mean = word().flatMap(Double.init),
            let min = word().flatMap(UInt64.init), let max = word().flatMap(UInt64.init)
        else { return nil }
        closedLoop = loop == "closed"
        (self.count, self.mean, self.min, self.max) = (count, mean, min, max)
        histogram = UnsafeRawBufferPointer(rebasing: rest)
    }
}
