// SPDX-License-Identifier: GPL-3.0-or-later

/// How many ways to choose some of a list's whole numbers lead to each sum (exact up to 2⁵³).
enum SubsetSums {
    /// Over all subsets: the element at s is the number of subsets with the sum s.
    static func ofAny(_ numbers: [Int]) -> [Double] {
        var ways = [Double](repeating: 0, count: numbers.reduce(0, +) + 1)
        ways[0] = 1
        var top = 0
        for number in numbers {
            for sum in stride(from: top, through: 0, by: -1) where ways[sum] > 0 {
                ways[sum + number] += ways[sum]
            }
            top += number
        }
        return ways
    }

    /// Over the subsets of `size` numbers.
    static func of(_ numbers: [Int], size: Int) -> [Double] {
        let width = numbers.sorted(by: >).prefix(size).reduce(0, +) + 1
        var ways = [Double](repeating: 0, count: (size + 1) * width)
        ways[0] = 1
        for (index, number) in numbers.enumerated() where number < width {
            for chosen in stride(from: min(index, size - 1), through: 0, by: -1) {
                let from = chosen * width
                for sum in 0..<(width - number) where ways[from + sum] > 0 {
                    ways[from + width + sum + number] += ways[from + sum]
                }
            }
        }
        return Array(ways[(size * width)...])
    }
}
