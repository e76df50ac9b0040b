// SPDX-License-Identifier: GPL-3.0-or-later

import CRmath

// R's distribution functions under the names that the formulas use. Arguments are checked by the
// callers: R reports a bad one on stdout.

enum Normal {
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
