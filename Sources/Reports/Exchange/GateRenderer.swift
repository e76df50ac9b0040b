// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// `--format gate`: one line a cell, nine fields separated by tabs.
///
/// The fields: `pass`, `fail`, `skip` or `error`; the cell's name; the change; its interval; the
/// verdict; the reason; the suite; the experiment; remarks.
struct GateRenderer: Renderer {
    static let name = "gate"

    func render(_ report: some Report, style: TextStyle) throws(PlumblineError) -> String {
        try report.cases(for: Self.self).map { suite, one in
            [
                one.outcome.rawValue, one.name.onOneLine, one.effectText, one.intervalText,
                one.verdict, one.reason, suite.name.onOneLine, suite.experiment.onOneLine,
                suite.remarks.joined(separator: "; ").onOneLine,
            ].joined(separator: "\t") + "\n"
        }.joined()
    }
}
