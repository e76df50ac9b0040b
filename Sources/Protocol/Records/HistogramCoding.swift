// SPDX-License-Identifier: GPL-3.0-or-later

import Histogram

/// The counts of a histogram of nanoseconds as text, in order of value.
///
/// Each number is a base64 VLQ, as in source maps: five bits a letter, the lowest first, and the
/// sixth says that more follow. An even number is twice a count, an odd one stands for so many
/// empty places: twice their number, less one. Places are those of HdrHistogram at 3 digits.
public enum HistogramCoding {
    /// Counts of equal width in a bucket at 3 digits: 2^11, of which the upper half is new.
    private static let halfBits = 10
    /// One more than the place of the greatest value that a histogram holds.
    package static let places = index(of: 60_000_000_000) + 1
    private static let letters = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let more: UInt64 = 32
    /// The six bits of each letter; 255 for what is none.
    private static let bits: [UInt8] = {
        var bits = [UInt8](repeating: .max, count: 256)
        for (value, letter) in letters.enumerated() { bits[Int(letter)] = UInt8(value) }
        return bits
    }()

    /// An empty histogram of 1 ns to 60 s at 3 significant digits.
    public static func empty() -> Histogram<UInt64> {
        Histogram<UInt64>(
            lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000_000,
            numberOfSignificantValueDigits: .three)
    }

    /// The text of a histogram whose lowest value is 1 and which keeps 3 digits.
    public static func encode(_ histogram: Histogram<UInt64>) -> String {
        encode(LatencyCounts(histogram))
    }

    /// The text of latencies.
    public static func encode(_ latencies: LatencyCounts) -> String {
        var text: [UInt8] = []
        func append(_ number: UInt64) {
            var rest = number
            while rest >= more {
                text.append(letters[Int(rest & (more - 1) | more)])
                rest >>= 5
            }
            text.append(letters[Int(rest)])
        }
        var next = 0
        for entry in latencies.entries {
            let index = Self.index(of: entry.value)
            if index > next { append(UInt64(2 * (index - next) - 1)) }
            append(2 * min(entry.count, .max >> 1))
            next = index + 1
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The histogram of a text that `encode` made; `nil` when it is anything else.
    public static func decode(_ text: String) -> Histogram<UInt64>? {
        var counts = [UInt64](repeating: 0, count: places)
        var text = text
        let total = text.withUTF8 { text in
            counts.withUnsafeMutableBufferPointer { add(UnsafeRawBufferPointer(text), to: $0) }
        }
        return total == nil ? nil : histogram(counts)
    }

    /// A histogram of these counts, one a place.
    package static func histogram(_ counts: [UInt64]) -> Histogram<UInt64> {
        var histogram = empty()
        for (place, count) in counts.enumerated() where count > 0 {
            histogram.record(value(at: place), count: count)
        }
        return histogram
    }

    /// Adds the counts in a text to those of as many places.
    ///
    /// - Returns: how many values were added; `nil` when the text is damaged, and some may be.
    package static func add(
        _ text: UnsafeRawBufferPointer, to counts: UnsafeMutableBufferPointer<UInt64>
    ) -> UInt64? {
        var at = 0
        var place = 0
        var total: UInt64 = 0
        return bits.withUnsafeBufferPointer { bits in
            while at < text.count {
                var raw = UInt64(bits[Int(text[at])])
                at += 1
                if raw >= more {
                    guard let number = rest(of: raw, in: text, at: &at, bits) else { return nil }
                    raw = number
                }
                guard place < counts.count else { return nil }
                // No branch that depends on the number's kind: kinds are as good as random.
                let isRun = 0 &- (raw & 1)
                let count = raw >> 1 & ~isRun
                counts[place] &+= count
                total &+= count
                place &+= 1 &+ Int(truncatingIfNeeded: raw >> 1 & isRun)
            }
            return total
        }
    }

    /// A number of several letters, after the first; `nil` when it is cut off or out of range.
    private static func rest(
        of first: UInt64, in text: UnsafeRawBufferPointer, at: inout Int,
        _ bits: UnsafeBufferPointer<UInt8>
    ) -> UInt64? {
        var (raw, letter, shift) = (first & (more - 1), first, UInt64(5))
        while letter >= more {
            guard letter < 2 * more, at < text.count, shift < 64 else { return nil }
            letter = UInt64(bits[Int(text[at])])
            at += 1
            raw |= (letter & (more - 1)) << shift
            shift += 5
        }
        return raw & 1 == 0 || raw < 1 << 32 ? raw : nil
    }

    /// Where a value's count stands.
    package static func index(of value: UInt64) -> Int {
        let magnitude = 64 - (value | (1 << (halfBits + 1) - 1)).leadingZeroBitCount
        let bucket = magnitude - (halfBits + 1)
        let within = Int(value >> UInt64(bucket))
        return ((bucket + 1) << halfBits) + within - (1 << halfBits)
    }

    /// The least value that is counted at a place.
    package static func value(at index: Int) -> UInt64 {
        let bucket = (index >> halfBits) - 1
        guard bucket >= 0 else { return UInt64(index) }
        let within = (index & ((1 << halfBits) - 1)) + (1 << halfBits)
        return UInt64(within) << UInt64(bucket)
    }
}
