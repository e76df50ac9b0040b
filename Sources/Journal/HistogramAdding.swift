// SPDX-License-Identifier: GPL-3.0-or-later

/// Adds encoded histograms to counts without a histogram in between; see `HistogramCoding`.
enum HistogramAdding {
    private static let headerBytes = 40
    /// 100 KiB of counts are more than any histogram of ours has.
    private static let mostBytes = 1 << 20

    /// A bit above the 24 of four letters: some byte was no letter.
    private static let wrong: UInt32 = 1 << 24

    /// The six bits of each letter of base64 at each of four places, a table of 256 after another.
    private static let letters: [UInt32] = {
        var table = [UInt32](repeating: wrong, count: 4 * 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, letter) in alphabet.utf8.enumerated() {
            for place in 0..<4 {
                table[256 * place + Int(letter)] = UInt32(value) << UInt32(18 - 6 * place)
            }
        }
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
        return withUnsafeTemporaryAllocation(byteCount: size + 4, alignment: 8) { bytes in
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

    /// - Parameter bytes: room for the decoded bytes and one more.
    /// - Returns: how many there are; `nil` for anything but base64.
    private static func decode(
        _ text: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer
    ) -> Int? {
        let padding = text.suffix(2).count { $0 == UInt8(ascii: "=") }
        let whole = padding > 0 ? text.count - 4 : text.count
        guard let source = text.baseAddress, var to = bytes.baseAddress else { return nil }
        return letters.withUnsafeBufferPointer { letters in
            guard let table = letters.baseAddress else { return nil }
            func bits(_ quad: UInt32) -> UInt32 {
                table[Int(quad & 0xff)] | table[256 &+ Int((quad >> 8) & 0xff)]
                    | table[512 &+ Int((quad >> 16) & 0xff)] | table[768 &+ Int(quad >> 24)]
            }
            var seen: UInt32 = 0
            var at = source
            let end = source + whole
            while at < end {
                let value = bits(UInt32(littleEndian: at.loadUnaligned(as: UInt32.self)))
                seen |= value
                // The fourth byte is written over by the next three.
                to.storeBytes(of: (value << 8).bigEndian, as: UInt32.self)
                at += 4
                to += 3
            }
            var count = whole / 4 * 3
            if padding > 0 {
                let quad = UInt32(littleEndian: at.loadUnaligned(as: UInt32.self))
                let filler = UInt32(UInt8(ascii: "A"))
                let value = bits(
                    padding == 1
                        ? quad & 0x00ff_ffff | filler << 24
                        : quad & 0xffff | filler << 16 | filler << 24)
                seen |= value
                to.storeBytes(of: (value << 8).bigEndian, as: UInt32.self)
                count += 3 - padding
            }
            return seen & wrong == 0 ? count : nil
        }
    }

    /// Numbers of one byte take no branch that depends on them: their signs are as good as random.
    private static func add(
        _ bytes: UnsafeRawBufferPointer, _ counts: UnsafeMutableBufferPointer<UInt64>
    ) -> Bool {
        guard var at = bytes.baseAddress, let counted = counts.baseAddress else { return true }
        let end = at + bytes.count
        let places = counts.count
        var place = 0
        while at < end {
            var raw = UInt64(at.load(as: UInt8.self))
            at += 1
            if raw >= 0x80 {
                raw &= 0x7f
                guard rest(&at, end, &raw), raw & 1 == 0 || raw >> 1 < 1 << 32 else { return false }
            }
            guard place < places else { return raw >> 1 == 0 && at == end }
            // Odd: so many zeros, less one. Even: twice the count at this place.
            let zeros = 0 &- (raw & 1)
            let number = raw >> 1
            counted[place] &+= number & ~zeros
            place &+= 1 &+ Int(truncatingIfNeeded: number & zeros)
        }
        return true
    }

    /// The bytes of a number after its first.
    @inline(__always)
    private static func rest(
        _ at: inout UnsafeRawPointer, _ end: UnsafeRawPointer, _ raw: inout UInt64
    ) -> Bool {
        var shift: UInt64 = 7
        while at < end {
            let byte = UInt64(at.load(as: UInt8.self))
            at += 1
            // The ninth byte holds eight bits.
            if byte < 0x80 || shift == 56 {
                raw |= byte &<< shift
                return true
            }
            raw |= (byte & 0x7f) &<< shift
            shift &+= 7
        }
        return false
    }
}
