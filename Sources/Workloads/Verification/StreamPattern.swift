// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Byte streams, one for each writer, of which any 16 aligned bytes tell whose they are and where.
///
/// A stream is a row of 16-byte units. A unit's first word is its tag, the writer's number and the
/// unit's index, under a keyed permutation; the second is a keyed mix of the first. All bytes look
/// random, so that a wrong place matches by chance once in 256 a byte, and once in 2^64 a unit.
/// - Source: the mixes are those of MurmurHash3's and SplitMix64's finalizers.
package struct StreamPattern: Sendable {
    /// Bytes of a unit.
    static let unitSize = 16
    /// The most writers that can be told apart.
    package static let maximumWriters = 1 << 16

    private static let indexBits: UInt64 = 48
    private static let factors: (UInt64, UInt64) = (0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb)
    private static let inverses = (inverse(factors.0), inverse(factors.1))

    private let tagKey: UInt64
    private let checkKey: UInt64

    /// The streams of a seed.
    package init(seed: UInt64) {
        tagKey = Self.permuted(seed &+ 0x9e37_79b9_7f4a_7c15)
        checkKey = Self.permuted(tagKey &+ 0x9e37_79b9_7f4a_7c15)
    }

    /// The byte at a position of a writer's stream.
    func byte(writer: Int, position: UInt64) -> UInt8 {
        let unit = unit(Self.tag(writer, position / 16))
        let word = position % 16 < 8 ? unit.0 : unit.1
        return UInt8(truncatingIfNeeded: word &>> (position % 8 &* 8))
    }

    /// Fills memory with a writer's stream from a position on.
    package func fill(
        _ buffer: UnsafeMutableRawBufferPointer, writer: Int, position: UInt64
    ) {
        guard let base = buffer.baseAddress else { return }
        let count = buffer.count
        var at = 0
        while at < count, (position &+ UInt64(at)) % 16 != 0 || count - at < 16 {
            base.storeBytes(
                of: byte(writer: writer, position: position &+ UInt64(at)), toByteOffset: at,
                as: UInt8.self)
            at += 1
        }
        var tag = Self.tag(writer, (position &+ UInt64(at)) / 16)
        while count - at >= 16 {
            let unit = unit(tag)
            base.storeBytes(of: unit.0, toByteOffset: at, as: UInt64.self)
            base.storeBytes(of: unit.1, toByteOffset: at + 8, as: UInt64.self)
            tag &+= 1
            at += 16
        }
        while at < count {
            base.storeBytes(
                of: byte(writer: writer, position: position &+ UInt64(at)), toByteOffset: at,
                as: UInt8.self)
            at += 1
        }
    }

    /// How many bytes from the start on are a writer's stream from a position on.
    package func matchForward(
        _ bytes: UnsafeRawBufferPointer, writer: Int, position: UInt64
    ) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        let count = bytes.count
        var at = 0
        while at < count, (position &+ UInt64(at)) % 16 != 0 {
            guard matches(base, at, writer, position) else { return at }
            at += 1
        }
        var tag = Self.tag(writer, (position &+ UInt64(at)) / 16)
        while count - at >= 16 {
            let unit = unit(tag)
            let first = base.loadUnaligned(fromByteOffset: at, as: UInt64.self) ^ unit.0
            let second = base.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self) ^ unit.1
            if first != 0 { return at + first.trailingZeroBitCount / 8 }
            if second != 0 { return at + 8 + second.trailingZeroBitCount / 8 }
            tag &+= 1
            at += 16
        }
        while at < count {
            guard matches(base, at, writer, position) else { return at }
            at += 1
        }
        return at
    }

    /// How many bytes at the end are a writer's stream up to, and without, a position.
    func matchBackward(_ bytes: UnsafeRawBufferPointer, writer: Int, position: UInt64) -> Int {
        var matched = 0
        for byte in bytes.reversed() {
            guard UInt64(matched) < position,
                byte == self.byte(writer: writer, position: position &- UInt64(matched) &- 1)
            else { break }
            matched += 1
        }
        return matched
    }

    /// Whose unit the 16 bytes at an address are and where it lies, if they are one.
    func place(_ address: UnsafeRawPointer) -> (writer: Int, position: UInt64)? {
        let first = address.loadUnaligned(as: UInt64.self)
        let second = address.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        guard check(first) == second else { return nil }
        let tag = Self.unpermuted(first) ^ tagKey
        let index = tag & ((1 << Self.indexBits) &- 1)
        return (Int(tag &>> Self.indexBits), index &* 16)
    }

    /// The sum of all byte values, whatever their order.
    package static func sum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        guard let base = bytes.baseAddress else { return 0 }
        let low: UInt64 = 0x00ff_00ff_00ff_00ff
        var total: UInt64 = 0
        var at = 0
        while bytes.count - at >= 8 {
            // Four lanes of 16 bits take 128 words before one could overflow.
            let end = at + min(128, (bytes.count - at) / 8) * 8
            var lanes: UInt64 = 0
            while at < end {
                let word = base.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                lanes &+= (word & low) &+ ((word &>> 8) & low)
                at += 8
            }
            for lane in 0..<4 { total &+= (lanes &>> UInt64(16 * lane)) & 0xffff }
        }
        while at < bytes.count {
            total &+= UInt64(base.load(fromByteOffset: at, as: UInt8.self))
            at += 1
        }
        return total
    }
}

extension StreamPattern {
    @inline(__always)
    private func matches(
        _ base: UnsafeRawPointer, _ at: Int, _ writer: Int, _ position: UInt64
    ) -> Bool {
        base.load(fromByteOffset: at, as: UInt8.self)
            == byte(writer: writer, position: position &+ UInt64(at))
    }

    @inline(__always)
    private func unit(_ tag: UInt64) -> (UInt64, UInt64) {
        let first = Self.permuted(tag ^ tagKey)
        return (first, check(first))
    }

    @inline(__always)
    private func check(_ first: UInt64) -> UInt64 {
        let mixed = (first &+ checkKey) &* Self.factors.1
        return (mixed ^ (mixed &>> 32)) &* Self.factors.0
    }

    @inline(__always)
    private static func tag(_ writer: Int, _ index: UInt64) -> UInt64 {
        UInt64(truncatingIfNeeded: writer) &<< indexBits | index & ((1 << indexBits) &- 1)
    }

    @inline(__always)
    private static func permuted(_ value: UInt64) -> UInt64 {
        var x = value
        x = (x ^ (x &>> 32)) &* factors.0
        x = (x ^ (x &>> 29)) &* factors.1
        return x ^ (x &>> 32)
    }

    private static func unpermuted(_ value: UInt64) -> UInt64 {
        var x = value
        x = (x ^ (x &>> 32)) &* inverses.1
        x = (x ^ (x &>> 29) ^ (x &>> 58)) &* inverses.0
        return x ^ (x &>> 32)
    }

    /// The factor that undoes an odd one modulo 2^64, by Newton's iteration.
    private static func inverse(_ odd: UInt64) -> UInt64 {
        var x = odd
        for _ in 0..<6 { x = x &* (2 &- odd &* x) }
        return x
    }
}
