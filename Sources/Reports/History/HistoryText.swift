// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Statistics
import Verdicts

extension TextPage {
    /// The page of a list: what `body` adds, unless the list is empty.
    static func ofList<Element>(
        _ list: [Element], _ body: (inout TextPage) -> Void
    ) -> TextPage {
        var page = TextPage()
        if list.isEmpty { page.add(TextParagraph("No experiment fits.")) } else { body(&page) }
        return page
    }
}

extension HistoryEntry.Experiment {
    /// `2026-11-30 00:12:48 UTC`.
    package var startText: String { Timestamp.readable(UInt64(clamping: startedAt)) }
    /// Whether its guests were emulated.
    var isEmulated: Bool { machine.contains("; guest: ") && machine.contains(", tcg, ") }
}

extension [HistoryEntry.Arm] {
    /// `2 void rounds (lost B)`; nil without one.
    var voidRoundText: String? {
        VoidRounds.text(map { (name: $0.arm, count: $0.voidRounds ?? 0) })
    }
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
