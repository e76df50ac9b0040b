// SPDX-License-Identifier: GPL-3.0-or-later

/// Random numbers that are the same for a seed on every machine and in every version.
///
/// One addition leads from a number to the next, so that the multiplications of several overlap.
///
/// Source: G. Steele, D. Lea and C. Flood, *Fast splittable pseudorandom number generators*,
/// OOPSLA 2014.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    @inlinable static var increment: UInt64 { 0x9e37_79b9_7f4a_7c15 }
    @usableFromInline var state: UInt64

    /// A generator at a seed's start.
    @inlinable
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    @inlinable
    @inline(__always)
    public mutating func next() -> UInt64 {
        state &+= Self.increment
        return Self.mixed(state)
    }

    /// A number from 0 to below a bound above 0; the bias is below `bound` in 2^64.
    @inlinable
    @inline(__always)
    public mutating func below(_ bound: Int) -> Int {
        let product = next().multipliedFullWidth(by: UInt64(truncatingIfNeeded: bound))
        return Int(truncatingIfNeeded: product.high)
    }

    /// The same values in an order each of which is equally likely (Fisher and Yates).
    ///
    /// Not the standard library's `shuffled`, whose way may change between versions.
    public mutating func shuffled<Value>(_ values: [Value]) -> [Value] {
        var values = values
        for i in stride(from: values.count - 1, to: 0, by: -1) { values.swapAt(i, below(i + 1)) }
        return values
    }

    /// A seed for one part of an experiment, unlike those of the other parts.
    public static func derive(_ seed: UInt64, _ parts: Int...) -> UInt64 {
        parts.reduce(seed) { seed, part in
            var generator = SplitMix64(seed: seed ^ UInt64(truncatingIfNeeded: part) &* increment)
            return generator.next()
        }
    }

    /// Spreads every bit of a number over all of them.
    @inlinable
    @inline(__always)
    public static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z &>> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z &>> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z &>> 31)
    }
}
