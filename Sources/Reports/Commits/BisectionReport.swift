// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Verdicts

/// What a bisection found: the first bad commit or its candidates, and what each step showed.
public struct BisectionReport: Sendable {
    /// A commit that was judged.
    public struct Step: Sendable {
        let commit: Commit
        let answer: String
        let cell: CellVerdict?
        let reason: String?

        /// - Parameters:
        ///   - answer: good, bad or skip.
        ///   - cell: the commit against the good one; nil where it was not measured.
        ///   - reason: why it was skipped; nil for another answer.
        package init(commit: Commit, answer: String, cell: CellVerdict?, reason: String?) {
            self.commit = commit
            self.answer = answer
            self.cell = cell
            self.reason = reason
        }
    }

    private let good: Commit
    private let bad: Commit
    private let direction: VerdictReport
    private let steps: [Step]
    private let candidates: [Commit]
    private let journals: String

    /// - Parameters:
    ///   - direction: the bad commit against the good one.
    ///   - steps: in the order in which git chose them.
    ///   - candidates: the first bad commit, or those of which one is it.
    ///   - journals: the directory of the journals.
    package init(
        good: Commit, bad: Commit, direction: VerdictReport, steps: [Step], candidates: [Commit],
        journals: String
    ) {
        self.good = good
        self.bad = bad
        self.direction = direction
        self.steps = steps
        self.candidates = candidates
        self.journals = journals
    }

    /// 0 for a first bad commit, 4 for several candidates.
    public var exitCode: Int32 { candidates.count == 1 ? 0 : 4 }
}

extension BisectionReport: Report {
    package var page: TextPage {
        var page = TextPage()
        page.add(TextParagraph(lead: direction.cells[0].plan.label))
        page.add(table)
        page.add()
        if candidates.count == 1 {
            page.add(
                TextParagraph(lead: "first bad commit: ", candidates[0].description, hanging: 2))
            page.add(.verbatim(candidates[0].hash, indent: 2))
        } else {
            page.add(TextParagraph(lead: "The first bad commit is one of these:"))
            for commit in candidates {
                page.add(TextParagraph(commit.description, indent: 2, hanging: 2))
            }
            page.add(TextParagraph("The commits between them were skipped."))
        }
        page.add(
            TextParagraph(
                "The bad commit against the good one: \(direction.cells[0].changeWithVerdict)."))
        page.add()
        page.add(TextParagraph(Self.reading, role: .faint))
        if direction.header.isEmulated {
            page.add(TextParagraph(JournalHeader.emulation))
        }
        page.add(TextParagraph("journals: \(journals)"))
        return page
    }

    private static let reading =
        "Each commit is compared with the good one. bad: it differs as the bad commit does, by at "
        + "least half as much. good: its effect is within half of that. A step ends when it is "
        + "decided, and then tends to overstate the size of a change."

    private var table: TextTable {
        var table = TextTable(indent: 2)
        table.add(.left(good.short), "good", "", .left(good.subject))
        table.add(
            .left(bad.short), "bad", .left(direction.cells[0].shortChangeText), .left(bad.subject))
        for step in steps {
            table.add(
                .left(step.commit.short), .left(step.answer, step.role),
                .left(step.cell?.shortChangeText ?? ""), .left(step.commit.subject))
            if let reason = step.reason {
                table.add(.note("skipped: \(reason)", role: .warning))
            }
        }
        return table
    }

    package var document: JSONObject {
        JSONObject([
            "schema": "plumbline.bisection/1", "cell": direction.cells[0].plan.name,
            "good": good, "bad": bad, "bad_against_good": direction.document,
            "steps": steps.map(\.document),
            "first_bad": candidates.count == 1 ? candidates[0] : nil,
            "candidates": candidates, "journals": journals, "exit_code": exitCode,
        ])
    }
}

extension CellVerdict {
    /// `+2.60% [+1.92, +3.28] improved`.
    var changeWithVerdict: String { "\(shortChangeText) \(outcome.rawValue)" }
}

extension BisectionReport.Step {
    fileprivate var role: TextStyle.Role {
        switch answer {
        case "bad": .bad
        case "good": .good
        default: .warning
        }
    }

    fileprivate var document: JSONObject {
        JSONObject([
            "commit": commit, "answer": answer, "reason": reason,
            "effect_percent": cell?.effect,
            "interval_percent": cell?.interval.map { [$0.lower, $0.upper] },
            "verdict": cell?.outcome.rawValue, "rounds": cell?.rounds,
        ])
    }
}
