// SPDX-License-Identifier: GPL-3.0-or-later

/// All sums of a value of one sorted list with a value of another, without listing them.
///
/// A sum of given rank is found by halving the range of all doubles between the least and the
/// largest sum: at most 64 counts, each one pass over both lists. Time O(64·(m + n)), no memory,
/// and the sum found is one that occurs, to the last bit.
///
/// Source: the counting pass is that of D. B. Johnson and T. Mizoguchi, *Selecting the Kth element
/// in X + Y and X₁ + X₂ + … + Xₘ*, SIAM Journal on Computing 7 (1978).
struct PairSums {
    private let first: [Double]
    private let second: [Double]
    /// Whether both lists are one and each unordered pair, a value with itself included, counts
    /// once.
    private let unordered: Bool

    /// The sums xᵢ + xⱼ with i ≤ j: twice the Walsh averages.
    init(walsh sorted: [Double]) {
        first = sorted
        second = sorted
        unordered = true
    }

    /// The sums aᵢ + bⱼ of two ascending lists.
    init(_ a: [Double], _ b: [Double]) {
        first = a
        second = b
        unordered = false
    }

    /// How many sums there are.
    var count: Int {
        unordered ? first.count * (first.count + 1) / 2 : first.count * second.count
    }

    /// The sum that has `rank` − 1 sums before it; ranks start at 1.
    func select(rank: Int) -> Double {
        var low = Self.key(first[0] + second[0])
        var high = Self.key(first[first.count - 1] + second[second.count - 1])
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

    private func countAtMost(_ value: Double) -> Int {
        first.withUnsafeBufferPointer { a in
            second.withUnsafeBufferPointer { b in
                var total = 0
                var j = b.count
                for i in 0..<a.count {
                    while j > 0, a[i] + b[j - 1] > value { j -= 1 }
                    // Once j has come down to i, what remains of an unordered count is nothing.
                    if unordered, j <= i { break }
                    total += unordered ? j - i : j
                }
                return total
            }
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
