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
        .ofList(list) { page in
            var table = TextTable()
            table.addTitles("experiment", "suite", "metric", "verdicts", "A -> B")
            for entry in list {
                let verdicts = [entry.verdicts.countText, entry.arms.voidRoundText]
                table.add(
                    entry.experiment.id, entry.experiment.suite, entry.experiment.metric,
                    verdicts.compactMap { $0 }.joined(separator: "; "),
                    entry.arms.map(\.label).joined(separator: " -> "))
            }
            page.add(table)
        }
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
