// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Reports
import Statistics

/// What a shell completes of the table of several journals.
extension CompletionKind {
    /// What makes rows: keys, in a list.
    static let rowKeys = custom { _, _, prefix in words(listed(keys, behind: prefix)) }

    /// What makes columns: keys, in a list, or none.
    static let columnKeys = custom { _, _, prefix in
        words(listed(keys + ["none"], behind: prefix))
    }

    /// Terms of a filter: keys, and the verdicts.
    static let filterTerms = custom { _, _, prefix in
        let key = ResultKey.verdict.rawValue
        let verdicts = Verdict.Outcome.allCases.map { "\(key):\($0.rawValue)" }
        let terms = keys.map { "\($0):" } + verdicts
        return words(listed(terms + terms.map { "-\($0)" }, behind: prefix, parted: " "))
    }

    private static let keys = ResultKey.allCases.map(\.rawValue)
}
