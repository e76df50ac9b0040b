// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import Histogram

extension LatencyRecord {
    /// Sums up a histogram of nanoseconds; `nil` when it holds nothing.
    public init?(_ histogram: Histogram<UInt64>, closedLoop: Bool) {
        guard histogram.totalCount > 0 else { return nil }
        self.init(
            count: histogram.totalCount, mean: histogram.mean, min: histogram.min,
            p50: histogram.valueAtPercentile(50), p90: histogram.valueAtPercentile(90),
            p99: histogram.valueAtPercentile(99), p99_9: histogram.valueAtPercentile(99.9),
            max: histogram.max, closedLoop: closedLoop,
            histogram: HistogramCoding.encode(histogram))
    }

    /// The whole distribution; `nil` when its encoding is damaged.
    public var distribution: Histogram<UInt64>? { HistogramCoding.decode(histogram) }
}

/// HdrHistogram's V2 encoding without compression, in base64, as its other readers take it.
///
/// Forty bytes of header, then the counts in order of value as ZigZag LEB128, where a negative
/// number stands for as many zeros. Source: HdrHistogram's Java `AbstractHistogram`.
public enum HistogramCoding {
    private static let cookie: UInt32 = 0x1c84_9313
    private static let headerBytes = 40
    private static let digits: UInt32 = 3
    /// Counts of equal width in a bucket at 3 digits: 2^11, of which the upper half is new.
    private static let halfBits = 10

    /// An empty histogram of 1 ns to 60 s at 3 significant digits.
    public static func empty() -> Histogram<UInt64> {
        Histogram<UInt64>(
            lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000_000,
            numberOfSignificantValueDigits: .three)
    }

    /// The encoding of a histogram whose lowest value is 1 and which keeps 3 digits.
    public static func encode(_ histogram: Histogram<UInt64>) -> String {
        var payload: [UInt8] = []
        var next = 0
        for entry in histogram.recordedValues() {
            let index = Self.index(of: entry.value)
            appendZeros(index - next, to: &payload)
            append(Int64(bitPattern: entry.count), to: &payload)
            next = index + 1
        }
        var bytes: [UInt8] = []
        appendBigEndian(cookie, to: &bytes)
        appendBigEndian(UInt32(payload.count), to: &bytes)
        appendBigEndian(UInt32(0), to: &bytes)
        appendBigEndian(digits, to: &bytes)
        appendBigEndian(UInt64(1), to: &bytes)
        appendBigEndian(histogram.highestTrackableValue, to: &bytes)
        appendBigEndian((1.0 as Double).bitPattern, to: &bytes)
        return Data(bytes + payload).base64EncodedString()
    }

    /// The histogram in an encoding that `encode` made; `nil` when it is anything else.
    public static func decode(_ text: String) -> Histogram<UInt64>? {
        guard let data = Data(base64Encoded: text) else { return nil }
        let bytes = [UInt8](data)
        guard bytes.count >= headerBytes, bigEndian(bytes, 0, 4) == UInt64(cookie),
            bigEndian(bytes, 4, 4) == UInt64(bytes.count - headerBytes),
            bigEndian(bytes, 12, 4) == UInt64(digits), bigEndian(bytes, 16, 8) == 1
        else { return nil }
        var histogram = empty()
        var at = headerBytes
        var index = 0
        while at < bytes.count {
            guard let number = zigZag(bytes, &at) else { return nil }
            if number < 0 {
                guard number > -(1 << 32) else { return nil }
                index += Int(-number)
            } else {
                guard index < 1 << 20,
                    histogram.record(value(at: index), count: UInt64(number))
                        || number == 0
                else { return nil }
                index += 1
            }
        }
        return histogram
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

    private static func appendZeros(_ count: Int, to bytes: inout [UInt8]) {
        if count == 1 { append(0, to: &bytes) }
        if count > 1 { append(-Int64(count), to: &bytes) }
    }

    /// ZigZag LEB128 of at most nine bytes: the ninth holds eight bits.
    private static func append(_ number: Int64, to bytes: inout [UInt8]) {
        var rest = UInt64(bitPattern: (number << 1) ^ (number >> 63))
        for _ in 0..<8 {
            guard rest >= 0x80 else { break }
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private static func zigZag(_ bytes: [UInt8], _ at: inout Int) -> Int64? {
        var raw: UInt64 = 0
        for i in 0..<9 {
            guard at < bytes.count else { return nil }
            let byte = UInt64(bytes[at])
            at += 1
            if i == 8 || byte < 0x80 {
                raw |= byte << UInt64(7 * i)
                return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
            }
            raw |= (byte & 0x7f) << UInt64(7 * i)
        }
        return nil
    }

    private static func appendBigEndian(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.bigEndian) { bytes += $0 }
    }

    private static func bigEndian(_ bytes: [UInt8], _ at: Int, _ count: Int) -> UInt64 {
        bytes[at..<at + count].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
