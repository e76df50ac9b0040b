// SPDX-License-Identifier: GPL-3.0-or-later

/// Sums of a sample under any choice of signs, four values at a time from a table.
///
/// The 16 signed sums of each four values stand in a table, so that a sum over n values costs n/4
/// look-ups. Memory: 32·n bytes.
struct SignSums {
    private let table: [Double]
    /// Groups of four values; the last may be filled up with zeros.
    let groups: Int

    init(_ values: [Double]) {
        groups = (values.count + 3) / 4
        var table: [Double] = []
        table.reserveCapacity(groups * 16)
        for start in stride(from: 0, to: values.count, by: 4) {
            let group = values[start..<min(start + 4, values.count)]
            for signs in 0..<16 {
                var sum = 0.0
                for (place, value) in group.enumerated() {
                    sum += signs >> place & 1 == 0 ? value : -value
                }
                table.append(sum)
            }
        }
        self.table = table
    }

    /// The sum under the signs of `next`, of which each word has those of 64 values.
    func sum(_ next: () -> UInt64) -> Double {
        table.withUnsafeBufferPointer { table in
            var sum = 0.0
            var row = 0
            while row < groups {
                var word = next()
                let end = min(row + 16, groups)
                while row < end {
                    sum += table[row << 4 | Int(truncatingIfNeeded: word & 15)]
                    word >>= 4
                    row += 1
                }
            }
            return sum
        }
    }
}
