// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// `--format junit`: the XML that Jenkins and GitLab read.
///
/// A regression is a `failure`, a cell without a verdict is `skipped`, an invalid one an `error`.
///
/// Source: the schema junit-10.xsd of Jenkins' xUnit plugin.
struct JUnitRenderer: Renderer {
    static let name = "junit"

    func render(_ report: some Report, style: TextStyle) throws(PlumblineError) -> String {
        let suites = try report.suites(for: Self.self)
        let all = suites.flatMap(\.cases)
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text += "<testsuites"
        text += Self.attributes([("name", "plumbline")] + Self.counts(all))
        text += ">\n"
        for suite in suites { text += Self.text(suite) }
        return text + "</testsuites>\n"
    }

    private static func text(_ suite: GateSuite) -> String {
        let skipped = suite.cases.count { $0.outcome == .skip }
        let time = Timestamp.readable(suite.startedAt).words.prefix(2).joined(separator: "T")
        var text = "  <testsuite"
        text += attributes(
            [("name", suite.name)] + counts(suite.cases)
                + [("skipped", "\(skipped)"), ("timestamp", time), ("id", suite.experiment)])
        text += ">\n    <properties>\n"
        let remarks = suite.remarks.map { (name: "remark", value: $0) }
        for fact in suite.facts + remarks {
            text += "      <property"
            text += attributes([("name", fact.name), ("value", fact.value)])
            text += "/>\n"
        }
        text += "    </properties>\n"
        for one in suite.cases { text += self.text(one, in: suite) }
        return text + "  </testsuite>\n"
    }

    private static func text(_ one: GateCase, in suite: GateSuite) -> String {
        let element: String? =
            switch one.outcome {
            case .pass: nil
            case .fail: "failure"
            case .skip: "skipped"
            case .error: "error"
            }
        var text = "    <testcase"
        text += attributes([("name", one.name), ("classname", "plumbline.\(suite.name)")])
        text += ">\n"
        if let element {
            text += "      <\(element)"
            text += attributes([("type", one.verdict), ("message", one.summary)])
            text += ">\(escaped(one.summary))</\(element)>\n"
        } else {
            text += "      <system-out>\(escaped(one.summary))</system-out>\n"
        }
        return text + "    </testcase>\n"
    }

    private static func counts(_ cases: [GateCase]) -> [(String, String)] {
        [
            ("tests", "\(cases.count)"), ("failures", "\(cases.count { $0.outcome == .fail })"),
            ("errors", "\(cases.count { $0.outcome == .error })"),
        ]
    }

    private static func attributes(_ pairs: [(String, String)]) -> String {
        pairs.map { " \($0.0)=\"\(escaped($0.1))\"" }.joined()
    }

    /// The text without markup; characters that XML 1.0 does not have are U+FFFD.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            case "\t", "\n", "\r", "\u{7F}"..."\u{9F}": "&#\(scalar.value);"
            case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": "\u{FFFD}"
            default: String(scalar)
            }
        }.joined()
    }
}
