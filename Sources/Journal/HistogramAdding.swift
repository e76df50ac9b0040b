// SPDX-License-Identifier: GPL-3.0-or-later

/// Adds encoded histograms to counts without a histogram in between; see `HistogramCoding`.
enum HistogramAdding {
    private static let headerBytes = 40
    /// 100 KiB of counts are more than any histogram of ours has.
    private static let mostBytes = 1 << 20

    /// The six bits of each letter of base64; 64 for any other byte.
    private static let letters: [UInt8] = {
        var table = [UInt8](repeating: 64, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, letter) in alphabet.utf8.enumerated() { table[Int(letter)] = UInt8(value) }
        return table
    }()

    /// Adds the counts of one histogram.
    ///
    /// - Parameter text: what `HistogramCoding.encode` made.
    /// - Returns: whether the encoding was whole; when not, some counts may have been added.
    static func add(
        _ text: UnsafeRawBufferPointer, to counts: UnsafeMutableBufferPointer<UInt64>
    ) -> Bool {
        let size = text.count / 4 * 3
        guard text.count % 4 == 0, size >= headerBytes, size < mostBytes else { return false }
        return withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { bytes in
            guard let count = decode(text, into: bytes), count >= headerBytes,
                word(bytes, 0) == 0x1c84_9313, Int(word(bytes, 4)) == count - headerBytes,
                word(bytes, 12) == 3
            else { return false }
            return add(UnsafeRawBufferPointer(rebasing: bytes[headerBytes..<count]), counts)
        }
    }

    private static func word(_ bytes: UnsafeMutableRawBufferPointer, _ at: Int) -> UInt32 {
        UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))
    }

    private static func decode(
        _ text: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer
    ) -> Int? {
        let padding = text.suffix(2).count { $0 == UInt8(ascii: "=") }
        return letters.withUnsafeBufferPointer { letters in
            var wrong: UInt8 = 0
            var to = 0
            func quad(_ at: Int) -> UInt32 {
                let a = letters[Int(text[at])]
                let b = letters[Int(text[at + 1])]
                let c = letters[Int(text[at + 2])]
                let d = letters[Int(text[at + 3])]
                wrong |= a | b | c | d
                return UInt32(a) << 18 | UInt32(b) << 12 | UInt32(c) << 6 | UInt32(d)
            }
            let whole = padding > 0 ? text.count - 4 : text.count
            for at in stride(from: 0, to: whole, by: 4) {
                let value = quad(at)
                bytes[to] = UInt8(truncatingIfNeeded: value >> 16)
                bytes[to + 1] = UInt8(truncatingIfNeeded: value >> 8)
                bytes[to + 2] = UInt8(truncatingIfNeeded: value)
                to += 3
            }
            if padding > 0 {
                let last = text.suffix(4).prefix(4 - padding).map { letters[Int($0)] }
                wrong |= last.reduce(0, |)
                let value = last.reduce(UInt32(0)) { $0 << 6 | UInt32($1) } << (6 * UInt32(padding))
                bytes[to] = UInt8(truncatingIfNeeded: value >> 16)
                if padding == 1 { bytes[to + 1] = UInt8(truncatingIfNeeded: value >> 8) }
                to += 3 - padding
            }
            return wrong < 64 ? to : nil
        }
    }

    /// Numbers of one byte take no branch that depends on them: their signs are as good as random.
    private static func add(
        _ bytes: UnsafeRawBufferPointer, _ counts: UnsafeMutableBufferPointer<UInt64>
    ) -> Bool {
        var at = 0
        var place = 0
        while at < bytes.count {
            var raw = UInt64(bytes[at])
            at += 1
            if raw >= 0x80 {
                raw &= 0x7f
                guard rest(bytes, &at, &raw) else { return false }
                guard raw & 1 == 0 || raw >> 1 < 1 << 32 else { return false }
            }
            guard place < counts.count else { return raw >> 1 == 0 && at == bytes.count }
            // Odd: so many zeros, less one. Even: twice the count at this place.
            let zeros = 0 &- (raw & 1)
            let number = raw >> 1
            counts[place] &+= number & ~zeros
            place &+= 1 &+ Int(truncatingIfNeeded: number & zeros)
        }
        return true
    }

    /// The bytes of a number after its first.
    @inline(__always)
    private static func rest(
        _ bytes: UnsafeRawBufferPointer, _ at: inout Int, _ raw: inout UInt64
    ) -> Bool {
        for i in 1..<9 {
            guard at < bytes.count else { return false }
            let byte = UInt64(bytes[at])
            at += 1
            if i == 8 || byte < 0x80 {
                raw |= byte << UInt64(7 * i)
                return true
            }
            raw |= (byte & 0x7f) << UInt64(7 * i)
        }
        return false
    }
}
