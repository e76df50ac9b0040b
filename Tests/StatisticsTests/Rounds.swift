// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc

@testable import Statistics

/// Experiments of eight rounds with three blocks each, normal noise, and boots that vary: many of
/// them in little time.
struct Rounds {
    /// What so many experiments ended in.
    struct Counts {
        /// A difference at one of the looks.
        var differences = 0
        /// At one of the looks, far from a lower bound at no effect: equivalence at the margin.
        var equivalences = 0
        /// A difference by one t-test at the end.
        var plain = 0
    }

    static let count = 8
    private static let blocks = 3

    /// The variance of boots over that of blocks.
    let boot: Double
    private var generator: SplitMix64
    private var spare: Double?

    init(seed: UInt64, boot: Double) {
        self.boot = boot
        generator = SplitMix64(seed: seed)
    }

    /// The means of the rounds; the effect counts in their standard deviations.
    mutating func values(effect: Double) -> [Double] {
        let deviation = (boot + 1 / Double(Self.blocks)).squareRoot()
        return (0..<Self.count).map { _ in
            var sum = 0.0
            for _ in 0..<Self.blocks { sum += normal() }
            return boot.squareRoot() * normal() + sum / Double(Self.blocks) + effect * deviation
        }
    }

    /// Judges so many experiments by the plan's levels.
    mutating func run(_ runs: Int, _ plan: LookPlan, effect: Double) -> Counts {
        let bounds = plan.looks.map { look in
            let freedom = Double(look.units - 1)
            return (
                units: look.units, two: Student.upperQuantile(look.differenceLevel / 2, freedom),
                one: Student.upperQuantile(look.equivalenceLevel, freedom)
            )
        }
        let plain = Student.upperQuantile(0.025, Double(Self.count - 1))
        var counts = Counts()
        for _ in 0..<runs {
            let values = values(effect: effect)
            var (differs, isEquivalent, t) = (false, false, 0.0)
            for bound in bounds {
                t = Self.t(values, first: bound.units)
                differs = differs || abs(t) >= bound.two
                isEquivalent = isEquivalent || t >= bound.one
            }
            counts.differences += differs ? 1 : 0
            counts.equivalences += isEquivalent ? 1 : 0
            counts.plain += abs(t) >= plain ? 1 : 0
        }
        return counts
    }

    private static func t(_ values: [Double], first count: Int) -> Double {
        var (sum, squares) = (0.0, 0.0)
        for place in 0..<count {
            sum += values[place]
            squares += values[place] * values[place]
        }
        let n = Double(count)
        return sum / n / ((squares - sum * sum / n) / (n - 1) / n).squareRoot()
    }

    /// Box and Muller's.
    private mutating func normal() -> Double {
        if let spare {
            self.spare = nil
            return spare
        }
        let radius = (-2 * log(uniform())).squareRoot()
        let angle = 2 * Double.pi * uniform()
        spare = radius * sin(angle)
        return radius * cos(angle)
    }

    private mutating func uniform() -> Double {
        (Double(generator.next() >> 11) + 0.5) * 0x1p-53
    }
}
