// SPDX-License-Identifier: GPL-3.0-or-later

/// Ranks of a list in which equal values share the mean of their places.
struct MidRanks {
    /// Twice the rank of each value, in the list's order: whole even for shared ranks.
    let doubled: [Int]
    /// Σ(t³ − t) over the groups of t equal values; 0 without ties.
    let tieTerm: Double

    init(_ values: [Double]) {
        let places = values.indices.sorted { values[$0] < values[$1] }
        var doubled = [Int](repeating: 0, count: values.count)
        var tieTerm = 0.0
        var start = 0
        while start < places.count {
            var end = start + 1
            while end < places.count, values[places[end]] == values[places[start]] { end += 1 }
            for place in places[start..<end] { doubled[place] = start + 1 + end }
            let t = Double(end - start)
            tieTerm += t * t * t - t
            start = end
        }
        self.doubled = doubled
        self.tieTerm = tieTerm
    }
}
