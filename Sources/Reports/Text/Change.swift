// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Statistics

/// Prints changes in percent and probabilities for people.
package enum Change {
    /// `2.60%`, `14.3%`, `148%`: without a sign, as much as matters.
    static func size(_ percent: Double) -> String { "\(digits(abs(percent)))%" }

    /// `+2.60%`, `-14.3%`.
    package static func signed(_ percent: Double) -> String { "\(sign(percent))\(size(percent))" }

    /// `2%`, `0.5%`, or signed `+2%`: without digits that say nothing.
    static func short(_ percent: Double, signed: Bool = false) -> String {
        var text = Decimal.fixed(signed ? abs(percent) : percent, 2)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return "\(signed ? sign(percent) : "")\(text)%"
    }

    /// `[+1.92, +3.28]`.
    package static func interval(_ percent: Interval) -> String {
        let ends = [percent.lower, percent.upper].map { "\(sign($0))\(digits(abs($0)))" }
        return "[\(ends.joined(separator: ", "))]"
    }

    /// `p=0.012`.
    static func p(_ p: Double) -> String {
        p < 0.001 ? "p<0.001" : "p=\(Decimal.fixed(p, 3))"
    }

    private static func sign(_ percent: Double) -> String { percent < 0 ? "-" : "+" }

    private static func digits(_ percent: Double) -> String {
        Decimal.fixed(percent, percent < 9.995 ? 2 : percent < 99.95 ? 1 : 0)
    }
}
