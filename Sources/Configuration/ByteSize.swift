// SPDX-License-Identifier: GPL-3.0-or-later

/// A number of bytes, read with fio's suffixes and printed with binary prefixes.
public struct ByteSize: Sendable, Hashable, Comparable {
    /// How many bytes.
    public let bytes: Int

    /// A number of bytes.
    public init(_ bytes: Int) { self.bytes = bytes }

    /// Reads `4096`, `64k`, `64K`, `64KiB`, `1.5m`, `2g`; a suffix is a power of 1024.
    public init?(_ text: String) {
        let lower = text.lowercased()
        let digits = lower.prefix { $0.isNumber || $0 == "." }
        guard !digits.isEmpty, let value = Double(digits), value.isFinite else { return nil }
        let shift: Int
        switch lower.dropFirst(digits.count) {
        case "", "b": shift = 0
        case "k", "kb", "kib": shift = 10
        case "m", "mb", "mib": shift = 20
        case "g", "gb", "gib": shift = 30
        case "t", "tb", "tib": shift = 40
        default: return nil
        }
        let scaled = value * Double(1 << shift)
        guard scaled < 9e18, scaled == scaled.rounded() else { return nil }
        bytes = Int(scaled)
    }

    /// Fewer bytes first.
    public static func < (a: ByteSize, b: ByteSize) -> Bool { a.bytes < b.bytes }
}

extension ByteSize: CustomStringConvertible {
    /// `64KiB`, `1.5MiB`, `4095B`: exact for whole KiB, MiB, GiB and TiB.
    public var description: String {
        for (shift, unit) in [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")] {
            let one = 1 << shift
            if bytes >= one,
                bytes % (one / 2) == 0 || bytes >= one * 64 && bytes % (one / 1024) != 0
            {
                let whole = bytes / one
                return bytes % one == 0
                    ? "\(whole)\(unit)" : "\(Decimal.fixed(Double(bytes) / Double(one), 1))\(unit)"
            }
        }
        return "\(bytes)B"
    }
}
