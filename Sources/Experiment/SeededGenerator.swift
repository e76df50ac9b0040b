// SPDX-License-Identifier: GPL-3.0-or-later

/// xoshiro256** seeded by SplitMix64: the same numbers for a seed on every machine, for ever.
///
/// Source: D. Blackman and S. Vigna, *Scrambled linear pseudorandom number generators*, ACM
/// Transactions on Mathematical Software 47 (2021).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// A generator at a seed's start.
    public init(seed: UInt64) {
        var x = seed
        state = (Self.split(&x), Self.split(&x), Self.split(&x), Self.split(&x))
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        let result = Self.rotate(state.1 &* 5, 7) &* 9
        let t = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= t
        state.3 = Self.rotate(state.3, 45)
        return result
    }

    /// A number from 0 to below a bound, each equally likely.
    public mutating func below(_ bound: Int) -> Int {
        let bound = UInt64(bound)
        while true {
            let (high, low) = next().multipliedFullWidth(by: bound)
            if low >= (0 &- bound) % bound { return Int(high) }
        }
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
            var x = seed ^ UInt64(truncatingIfNeeded: part) &* 0x9e37_79b9_7f4a_7c15
            return split(&x)
        }
    }

    private static func split(_ x: inout UInt64) -> UInt64 {
        x &+= 0x9e37_79b9_7f4a_7c15
        var z = x
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    private static func rotate(_ x: UInt64, _ by: UInt64) -> UInt64 {
        (x << by) | (x >> (64 - by))
    }
}
