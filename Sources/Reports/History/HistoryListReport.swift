// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Statistics
import Verdicts

/// What `plumbline history list` prints: a line for each experiment.
package struct HistoryListReport: Report {
    private let list: [HistoryListing]

    /// A list of these experiments.
    package init(_ list: [HistoryListing]) { self.list = list }

    package var document: JSONObject {
        JSONObject([
            "schema": "plumbline.history-list/1",
            "experiments": list.map { entry in
                JSONObject([
                    "experiment": entry.experiment, "arms": entry.arms, "verdicts": entry.verdicts,
                ])
            },
        ])
    }

    package var page: TextPage {
        var page = TextPage()
        guard !list.isEmpty else {
            page.add(TextParagraph("No experiment fits."))
            return page
        }
        var table = TextTable()
        table.addTitles("experiment", "suite", "metric", "verdicts", "A -> B")
        for entry in list {
            table.add(
                entry.experiment.id, entry.experiment.suite, entry.experiment.metric,
                entry.verdicts.countText, entry.arms.map(\.label).joined(separator: " -> "))
        }
        page.add(table)
        return page
    }
}

extension [String: Int] {
    /// `2 improved, 1 inconclusive`.
    fileprivate var countText: String {
        Verdict.Outcome.allCases.compactMap { outcome in
            self[outcome.rawValue].map { "\($0) \(outcome.rawValue)" }
        }.joined(separator: ", ")
    }
}

extension HistoryEntry.Experiment {
    /// `2026-11-30 00:12:48 UTC`.
    var startText: String { Timestamp.readable(UInt64(clamping: startedAt)) }
}

extension Verdict.Outcome {
    /// The colour of its word.
    var role: TextStyle.Role {
        switch self {
        case .improved: .good
        case .regressed, .invalid: .bad
        case .inconclusive, .imagesDiffer: .warning
        case .equivalent: .plain
        }
    }
}
