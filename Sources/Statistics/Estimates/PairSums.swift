// SPDX-License-Identifier: GPL-3.0-or-later

/// The sums xᵢ + xⱼ with i ≤ j of a sorted list, without listing them: twice the Walsh averages.
///
/// A sum of given rank is found by halving the range of all doubles between the least and the
/// largest sum: at most 64 counts, each one pass over the list. Time O(64·n), no memory, and the
/// sum found is one that occurs, to the last bit.
///
/// Source: the counting pass is that of D. B. Johnson and T. Mizoguchi, *Selecting the Kth element
/// in X + Y and X₁ + X₂ + … + Xₘ*, SIAM Journal on Computing 7 (1978).
struct PairSums {
    private let values: [Double]

    init(_ sorted: [Double]) { values = sorted }

    /// How many sums there are.
    var count: Int { values.count * (values.count + 1) / 2 }

    /// The sum that has `rank` − 1 sums before it; ranks start at 1.
    func select(rank: Int) -> Double {
        var low = Self.key(2 * values[0])
        var high = Self.key(2 * values[values.count - 1])
        while low < high {
            let middle = low + (high - low) / 2
            if countAtMost(Self.value(middle)) >= rank { high = middle } else { low = middle + 1 }
        }
        return Self.value(low)
    }

    /// The median of the sums.
    var median: Double {
        let upper = select(rank: count / 2 + 1)
        return count % 2 == 1 ? upper : (select(rank: count / 2) + upper) / 2
    }

    private func countAtMost(_ limit: Double) -> Int {
        values.withUnsafeBufferPointer { values in
            var total = 0
            var j = values.count
            for i in 0..<values.count {
                while j > 0, values[i] + values[j - 1] > limit { j -= 1 }
                // Once j has come down to i, what remains of an unordered count is nothing.
                if j <= i { break }
                total += j - i
            }
            return total
        }
    }

    /// Maps doubles to whole numbers in the same order.
    private static func key(_ value: Double) -> UInt64 {
        let bits = value.bitPattern
        return bits >> 63 == 1 ? ~bits : bits | 1 << 63
    }

    private static func value(_ key: UInt64) -> Double {
        Double(bitPattern: key >> 63 == 1 ? key & ~(1 << 63) : ~key)
    }
}
