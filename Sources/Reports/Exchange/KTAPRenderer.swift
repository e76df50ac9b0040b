// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// `--format ktap`: the kernel's test protocol, version 1.
///
/// A cell without a verdict is `ok` with the directive `SKIP`, an invalid one is `not ok` with
/// `ERROR`.
///
/// Source: Linux, Documentation/dev-tools/ktap.rst.
struct KTAPRenderer: Renderer {
    static let name = "ktap"

    func render(_ report: some Report, style: TextStyle) throws(PlumblineError) -> String {
        let cases = try report.cases(for: Self.name)
        let results = cases.enumerated().map { number, one in
            let (result, directive) =
                switch one.outcome {
                case .pass: ("ok", "")
                case .fail: ("not ok", "")
                case .skip: ("ok", "SKIP ")
                case .error: ("not ok", "ERROR ")
                }
            // A description ends at the first '#'.
            let name = one.name.onOneLine.replacing("#", with: "_")
            return "\(result) \(number + 1) \(name) # \(directive)\(one.summary)"
        }
        return (["KTAP version 1", "1..\(cases.count)"] + results).map { $0 + "\n" }.joined()
    }
}
