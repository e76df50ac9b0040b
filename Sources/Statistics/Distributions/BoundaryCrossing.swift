// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// The chance that a sum of independent normal steps ever leaves its bounds at one of several looks.
///
/// With S_k the sum of k unit steps, f₁ = φ and f_k(s) = ∫ f_{k−1}(u) φ(s − u) du over the values
/// of u that stayed inside; what lies outside at each look adds up. Simpson's rule, about 12
/// points a unit: the error is below 10⁻⁶.
///
/// Source: P. Armitage, C. McPherson and B. Rowe, *Repeated significance tests on accumulating
/// data*, Journal of the Royal Statistical Society A 132 (1969).
enum BoundaryCrossing {
    /// - Parameters:
    ///   - bounds: one a look, on the z scale, above zero; the looks are equally spaced.
    ///   - sides: whether |z| or z is held against them.
    static func probability(bounds: [Double], sides: GroupSequential.Sides) -> Double {
        var crossed = 0.0
        var before: Grid?
        for (index, z) in bounds.enumerated() {
            let scale = Double(index + 1).squareRoot()
            let bound = z * scale
            // What lies below −7 standard deviations cannot come back.
            let lower = sides == .two ? -bound : -7 * scale
            crossed += outside(bound, sides: sides, after: before)
            before = Grid(from: lower, to: bound) { s in inside(s, before) }
        }
        return crossed
    }

    private static func outside(
        _ bound: Double, sides: GroupSequential.Sides, after before: Grid?
    ) -> Double {
        func tail(_ u: Double) -> Double {
            Normal.upper(bound - u) + (sides == .two ? Normal.upper(bound + u) : 0)
        }
        guard let before else { return tail(0) }
        return before.points.indices.reduce(0) {
            $0 + before.mass[$1] * tail(before.points[$1])
        }
    }

    private static func inside(_ s: Double, _ before: Grid?) -> Double {
        func density(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }
        guard let before else { return density(s) }
        var sum = 0.0
        for index in before.near(s) {
            sum += before.mass[index] * density(s - before.points[index])
        }
        return sum
    }

    /// A density at equally spaced points, each weighted as Simpson's rule has it.
    private struct Grid {
        let points: [Double]
        let mass: [Double]

        init(from lower: Double, to upper: Double, density: (Double) -> Double) {
            let pieces = 2 * max(8, Int(((upper - lower) * 6).rounded(.up)))
            let step = (upper - lower) / Double(pieces)
            points = (0...pieces).map { lower + Double($0) * step }
            mass = points.enumerated().map { index, point in
                let weight: Double =
                    index == 0 || index == pieces ? 1 : index % 2 == 1 ? 4 : 2
                return density(point) * weight * step / 3
            }
        }

        /// The points from which one step reaches `s` with any chance.
        func near(_ s: Double) -> Range<Int> {
            let step = points[1] - points[0]
            let first = Int(((s - 8 - points[0]) / step).rounded(.down))
            let last = Int(((s + 8 - points[0]) / step).rounded(.up))
            let end = min(points.count, max(0, last + 1))
            return min(max(0, first), end)..<end
        }
    }
}
