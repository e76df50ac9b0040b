// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A regular expression whose first capture group is a number.
///
/// The syntax is that of Swift's `Regex`, which is much like Perl's. `^` and `$` match at the ends
/// of lines, and a character is a Unicode scalar. As in Perl, a repeated repetition such as
/// `(a+)+b` may take very long on a line that it does not fit.
package struct MetricPattern {
    package let regex: Regex<AnyRegexOutput>

    /// Compiles a pattern.
    ///
    /// - Throws: `usage` for a pattern that is wrong or has no capture group.
    package init(_ pattern: String) throws(PlumblineError) {
        do {
            regex = try Regex(pattern).anchorsMatchLineEndings()
                .matchingSemantics(.unicodeScalar)
        } catch {
            throw .usage(
                "invalid regular expression '\(pattern.printable)': \(error)",
                remedy: "the syntax is Perl's, as in IOPS=(\\S+),")
        }
        guard Self.hasGroup(pattern) else {
            throw .usage(
                "the regular expression '\(pattern.printable)' has no capture group",
                remedy: "put the number into parentheses, as in IOPS=(\\S+),")
        }
    }

    /// Whether a pattern that compiles has a capture group.
    private static func hasGroup(_ pattern: String) -> Bool {
        // With an empty alternative it matches at once, and says how many groups it has.
        guard let regex = try? Regex("(?:)|(?:\(pattern)\n)") else { return false }
        return ((try? regex.prefixMatch(in: ""))?.output.count ?? 0) > 1
    }

    static func check(_ pattern: String) throws(PlumblineError) {
        _ = try MetricPattern(pattern)
    }
}
