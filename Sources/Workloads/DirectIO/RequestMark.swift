// SPDX-License-Identifier: GPL-3.0-or-later

/// What a request carries through the kernel in its `user_data`.
struct RequestMark {
    private static let writeBit: UInt64 = 1 << 15

    let bits: UInt64

    init(bits: UInt64) { self.bits = bits }

    /// - Parameters:
    ///   - slot: below 2^15; `iodepth` is at most 2^14.
    ///   - start: ticks below 2^48, which are 15 hours at 5 GHz.
    @inline(__always)
    init(slot: Int, isWrite: Bool, start: UInt64) {
        bits = start &<< 16 | (isWrite ? Self.writeBit : 0) | UInt64(truncatingIfNeeded: slot)
    }

    /// Its place among the requests in flight, and that of its buffer.
    @inline(__always) var slot: Int { Int(truncatingIfNeeded: bits & (Self.writeBit - 1)) }
    @inline(__always) var isWrite: Bool { bits & Self.writeBit != 0 }
    /// When its submission began, or it was due.
    @inline(__always) var start: UInt64 { bits &>> 16 }
}
