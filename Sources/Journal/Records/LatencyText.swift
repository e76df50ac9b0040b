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
        func word() -> Slice<UnsafeRawBufferPointer> {
            let word = rest.prefix { $0 != UInt8(ascii: " ") }
            rest = rest[word.endIndex...].dropFirst()
            return word
        }
        func number() -> UInt64? {
            // Not by a string: a long journal has a million of them.
            let word = word()
            return word.isEmpty
                ? nil
                : word.reduce(UInt64?(0)) { value, byte in
                    guard let value, byte &- 0x30 < 10 else { return nil }
                    return value &* 10 &+ UInt64(byte &- 0x30)
                }
        }
        let loop = word()
        closedLoop = loop.elementsEqual("closed".utf8)
        guard closedLoop || loop.elementsEqual("open".utf8), let values = number(),
            let mean = Double(String(decoding: word(), as: UTF8.self)), let min = number(),
            let max = number()
        else { return nil }
        (count, self.mean, self.min, self.max) = (values, mean, min, max)
        histogram = UnsafeRawBufferPointer(rebasing: rest)
    }
}
