// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// `--format lava`: the lines that LAVA's `lava-test-case` prints, the change as measurement.
///
/// An invalid cell is `fail`, because LAVA has no other word that a job must look at.
///
/// Source: LAVA, lava_dispatcher/actions/test/shell.py: a signal ends at `>`, its parameters are
/// separated by blanks, each has one `=`, and no name comes twice.
struct LavaRenderer: Renderer {
    static let name = "lava"

    func render(_ report: some Report, style: TextStyle) throws(PlumblineError) -> String {
        var seen: Set<String> = []
        return try report.cases(for: Self.self).map { _, one in
            var name = Self.identifier(one.name)
            var number = 1
            while !seen.insert(name).inserted {
                number += 1
                name = "\(Self.identifier(one.name))-\(number)"
            }
            var words = ["TEST_CASE_ID=\(name)", "RESULT=\(Self.result(one.outcome))"]
            if let effect = one.effect {
                words += ["UNITS=percent", "MEASUREMENT=\(Decimal.fixed(effect, 3))"]
            }
            return "<LAVA_SIGNAL_TESTCASE \(words.joined(separator: " "))>\n"
        }.joined()
    }

    /// The name in the characters that LAVA takes; any other one is `_`.
    private static func identifier(_ name: String) -> String {
        String(
            name.map { character in
                let isKept =
                    character.isASCII && (character.isLetter || character.isNumber)
                    || "-.".contains(character)
                return isKept ? character : "_"
            })
    }

    private static func result(_ outcome: GateCase.Outcome) -> String {
        outcome == .error ? GateCase.Outcome.fail.rawValue : outcome.rawValue
    }
}
