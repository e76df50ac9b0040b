// SPDX-License-Identifier: GPL-3.0-or-later

import CRmath

// R's distribution functions under the names that the formulas use. Arguments are checked by the
// callers: R reports a bad one on stdout.

enum Normal {
    static func lower(_ z: Double) -> Double { crmath_pnorm(z, 0) }
    static func upper(_ z: Double) -> Double { crmath_pnorm(z, 1) }
    /// 2·(1 − Φ(|z|)).
    static func twoSided(_ z: Double) -> Double { min(1, 2 * crmath_pnorm(abs(z), 1)) }
    static func quantile(_ p: Double) -> Double { crmath_qnorm(p, 0) }
    static func upperQuantile(_ p: Double) -> Double { crmath_qnorm(p, 1) }
}

enum Student {
    static func upper(_ t: Double, _ df: Double) -> Double { crmath_pt(t, df, 1) }
    static func twoSided(_ t: Double, _ df: Double) -> Double {
        min(1, 2 * crmath_pt(abs(t), df, 1))
    }
    static func quantile(_ p: Double, _ df: Double) -> Double { crmath_qt(p, df, 0) }
    static func upperQuantile(_ p: Double, _ df: Double) -> Double { crmath_qt(p, df, 1) }
}

enum ChiSquared {
    static func upper(_ x: Double, _ df: Double) -> Double { crmath_pchisq(x, df, 1) }
}

enum Binomial {
    static func lower(_ q: Int, _ n: Int, _ probability: Double) -> Double {
        crmath_pbinom(Double(q), Double(n), probability, 0)
    }
    static func quantile(_ p: Double, _ n: Int, _ probability: Double) -> Int {
        Int(crmath_qbinom(p, Double(n), probability))
    }
}

enum SignedRankSum {
    /// Beyond it R's own tests switch to the normal approximation, and so do ours.
    static let largestExact = 50
    static func lower(_ q: Double, _ n: Int) -> Double { crmath_psignrank(q, Double(n), 0) }
}

enum RankSum {
    /// The larger sample's size beyond which p comes from the normal approximation.
    static let largestExact = 50
    static func lower(_ q: Double, _ m: Int, _ n: Int) -> Double {
        crmath_pwilcox(q, Double(m), Double(n), 0)
    }
}

/// How many of 0, 1, 2 … `limit` have a cumulative probability of at most `level`.
func countAtMost(_ level: Double, limit: Int, cumulative: (Int) -> Double) -> Int {
    var low = 0
    var high = limit + 1
    while low < high {
        let middle = low + (high - low) / 2
        if cumulative(middle) <= level { low = middle + 1 } else { high = middle }
    }
    return low
}
