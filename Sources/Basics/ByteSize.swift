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
    /// `64KiB`, `1.5MiB`, `4095B`, `2147483647B`: always exact.
    public var description: String {
        for (one, unit) in Self.units where bytes >= one && bytes % (one / 2) == 0 {
            return bytes % one == 0 ? "\(bytes / one)\(unit)" : "\(bytes / one).5\(unit)"
        }
        return "\(bytes)B"
    }

    /// `64k`, `1.5m`, `4095`: exact, with fio's suffixes.
    public var short: String {
        let text = description
        return text.hasSuffix("iB") ? text.dropLast(2).lowercased() : String(text.dropLast())
    }

    /// `128.1MiB`: rounded to a tenth from 64 KiB on, for texts that nothing reads back.
    public var approximate: String {
        guard bytes >= 64 << 10, let (one, unit) = Self.units.first(where: { bytes >= $0.bytes }),
            bytes % (one / 2) != 0
        else { return description }
        return "\(Decimal.fixed(Double(bytes) / Double(one), 1))\(unit)"
    }

    private static let units: [(bytes: Int, name: String)] = [
        (1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"),
    ]
}
