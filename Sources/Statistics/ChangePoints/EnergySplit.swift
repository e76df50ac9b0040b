// SPDX-License-Identifier: GPL-3.0-or-later

/// Where a series would be cut in two so that its parts differ the most.
///
/// For a cut after m of m + n values, q̂ = mn/(m + n)·(2·mean|x − z| − mean|xᵢ − xⱼ| −
/// mean|zᵢ − zⱼ|), with x before and z after the cut. Moving one value across changes the sums by
/// its distances alone, so all cuts together cost n² distances and n numbers.
///
/// Source: D. Matteson and N. James, *A nonparametric approach for multiple change point analysis
/// of multivariate data*, JASA 109 (2014).
struct EnergySplit {
    /// q̂ for a cut after 2, 3 … count − 2 values.
    let divergences: [Double]
    /// The place of the first value after the best cut, the earliest of equal ones.
    let place: Int

    /// - Parameters:
    ///   - values: at least four, and at least two parts.
    ///   - leastPart: the fewest values on either side of the best cut, from 2.
    init(_ values: ArraySlice<Double>, leastPart: Int = 2) {
        let values = Array(values)
        let count = values.count
        var before = 0.0
        var after = 0.0
        var across = 0.0
        for (i, value) in values.enumerated() {
            for other in values[(i + 1)...] { after += abs(value - other) }
        }
        var divergences: [Double] = []
        for cut in 1...(count - 2) {
            let moved = values[cut - 1]
            var toBefore = 0.0
            var toAfter = 0.0
            for value in values[..<(cut - 1)] { toBefore += abs(value - moved) }
            for value in values[cut...] { toAfter += abs(value - moved) }
            before += toBefore
            after -= toAfter
            across += toAfter - toBefore
            if cut < 2 { continue }
            let m = Double(cut)
            let n = Double(count - cut)
            let gap =
                2 * across / (m * n) - 2 * before / (m * (m - 1)) - 2 * after / (n * (n - 1))
            divergences.append(m * n / (m + n) * gap)
        }
        var best = leastPart
        for cut in leastPart...(count - leastPart)
        where divergences[cut - 2] > divergences[best - 2] {
            best = cut
        }
        self.divergences = divergences
        place = best
    }
}
