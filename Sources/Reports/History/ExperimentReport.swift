// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Verdicts

/// What `plumbline history show` prints: all that a history keeps of one experiment.
package struct ExperimentReport: Report {
    private let entries: [HistoryEntry]

    /// A report of a stored experiment, or of several with one id.
    package init(_ entries: [HistoryEntry]) { self.entries = entries }

    /// As a line of an export.
    package var document: HistoryEntry? { entries.first }

    package var page: TextPage {
        var page = TextPage()
        if entries.count > 1 {
            let id = entries[0].experiment.id
            page.add(
                TextParagraph(
                    "\(entries.count) experiments have the id \(id); they began at different times.",
                    role: .warning))
        }
        for entry in entries {
            if entries.count > 1 { page.add() }
            Self.add(entry, to: &page)
        }
        return page
    }

    private static func add(_ entry: HistoryEntry, to page: inout TextPage) {
        let experiment = entry.experiment
        page.add(
            TextParagraph(
                lead: experiment.suite,
                ", \(experiment.kind), \(experiment.metric): \(experiment.id)"))
        page.add(
            TextParagraph(
                "began \(experiment.startText); \(experiment.ending ?? "not ended"); exit code "
                    + "\(experiment.exitCode)"))
        page.add(TextParagraph("on \(experiment.machine)"))
        page.add(
            TextParagraph(
                "measured by plumbline \(experiment.toolVersion), judged by "
                    + experiment.judgedBy))
        var arms = TextTable()
        for arm in entry.arms { arms.add(arm.arm, arm.label, arm.kernelText) }
        page.add(arms)
        if let text = entry.arms.voidRoundText { page.add(.note(text, role: .bad)) }
        page.add()
        var table = TextTable()
        table.addTitles("cell", "change", "n", "verdict", "MDE80")
        for cell in entry.cells {
            table.add(
                .left(cell.label), .left(cell.changeText), .right("\(cell.units)"),
                .left(cell.verdict, cell.outcome.role),
                .right(cell.detectable.map(Change.size) ?? ""))
            for note in cell.notes { table.add(.note(note, role: .faint)) }
        }
        page.add(table)
    }
}

extension HistoryEntry.Arm {
    /// `Linux 6.12.0, build 0123456789ab, commit 0123456789ab`.
    fileprivate var kernelText: String {
        guard !kernelRelease.isEmpty else { return "" }
        let parts = [
            "Linux \(kernelRelease)", buildID.map { "build \($0.prefix(12))" },
            commit.map { "commit \($0.prefix(12))" }, settings.flatMap { $0.isEmpty ? nil : $0 },
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }
}

extension HistoryEntry.Cell {
    /// `+2.60% [+1.92, +3.28]`.
    fileprivate var changeText: String {
        [effect.map(Change.signed) ?? "-", interval.map(Change.interval)].compactMap { $0 }
            .joined(separator: " ")
    }

    /// Latencies, deviations, voids and tags.
    fileprivate var notes: [String] {
        func change(_ name: String, a: Int?, b: Int?) -> String? {
            guard let a, let b else { return nil }
            let times = [a, b].map { Decimal.time(nanoseconds: Double($0)) }
            return "\(name) \(times[0]) -> \(times[1])"
        }
        func spread(_ name: String, _ value: Double?) -> String? {
            value.map { "\(name) \(Change.size($0))" }
        }
        let lines = [
            [change("p99", a: p99A, b: p99B), change("p99.9", a: p999A, b: p999B)],
            [
                spread("SD between boots", betweenBoots), spread("within", withinBoots),
                betweenBoots == nil ? spread("SD of \(unitKind)", deviation) : nil,
            ],
            [voidsA + voidsB > 0 ? "void slices: A \(voidsA), B \(voidsB)" : nil],
            [tags.isEmpty ? nil : tags.joined(separator: ", ")],
        ]
        return lines.map { $0.compactMap { $0 }.joined(separator: ", ") }.filter { !$0.isEmpty }
    }
}
