// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics

/// Two journals side by side for people; 80 columns where names allow it.
struct ComparisonText {
    private static let columns = [-2, -19, -19, 0]

    let comparison: JournalComparison
    let style: TextStyle

    var text: String {
        let titles =
            comparison.kind == .rates ? ["", "A", "B", "B/A"] : ["", "A", "B", "B vs A"]
        var lines = heading + ["", style.faint(TextLines.row(titles, Self.columns))]
        lines += comparison.cells.flatMap(cell) + [""] + footer
        return lines.map { $0 + "\n" }.joined()
    }

    private var heading: [String] {
        [("A", comparison.a), ("B", comparison.b)].map { name, header in
            let kernel = "Linux \(header.host.kernelRelease) \(header.host.machine)"
            let build = header.host.buildID.map { ", build \($0.prefix(12))" } ?? ""
            let arms = header.comparison.map { ": \($0.arms.b.label) vs \($0.arms.a.label)" } ?? ""
            return "\(name)  \(header.suite.name) \(header.id), \(kernel)\(build)\(arms)"
        }
    }

    private func cell(_ cell: CellReport) -> [String] {
        var fields = [""]
        if comparison.kind == .effects {
            fields += ["a", "b"].map { arm in
                let blocks = Int(cell.evidence["\(arm)_blocks"] ?? 0)
                let effect = cell.evidence["\(arm)_effect_percent"].map(Change.signed) ?? "-"
                return "\(effect) n=\(blocks)"
            }
            fields.append(change(cell))
        } else {
            fields += cell.arms.map { cell.text($0) ?? "-" }
            fields.append(
                comparison.kind == .rates
                    ? cell.effect.map(Change.signed) ?? "-" : change(cell))
        }
        var lines = [style.bold(cell.plan.name), TextLines.row(fields, Self.columns)]
        if comparison.kind != .rates { lines += TextLines.wrapped(verdict(cell)) }
        if let error = cell.error {
            lines += TextLines.wrapped("error: \(error.message)").map(style.red)
        }
        if comparison.kind == .sessions {
            lines += TagText.notes(cell).flatMap(TextLines.wrapped)
        }
        return lines
    }

    private func change(_ cell: CellReport) -> String {
        guard let effect = cell.effect else { return "-" }
        let isShown = cell.outcome == .improved || cell.outcome == .regressed
        var parts = [isShown ? Change.signed(effect) : "~"]
        if let interval = cell.interval { parts.append(Change.interval(interval)) }
        if let p = cell.p { parts.append(Change.p(p)) }
        if comparison.kind == .sessions, let count = cell.evidence["history_sessions"] {
            parts.append("n=\(Int(count))")
        }
        return parts.joined(separator: " ")
    }

    private func verdict(_ cell: CellReport) -> String {
        var parts = [cell.outcome.rawValue]
        if let p = cell.adjustedP, comparison.cells.count > 1 {
            parts.append("adjusted \(Change.p(p))")
        }
        if let most = cell.noLargerThan {
            parts.append("no difference larger than \(Change.size(most))")
        }
        if let least = cell.detectable { parts.append("MDE80 \(Change.size(least))") }
        if cell.tags.contains(Verdict.Tag.tooEarly.rawValue) { parts.append("too few blocks") }
        return parts.joined(separator: "; ")
    }

    private var footer: [String] {
        var lines: [String] = []
        switch comparison.kind {
        case .rates:
            lines += [
                style.bold("Not comparable."),
                "Each journal holds one kernel, and sessions of one kernel differ by themselves:",
                "B/A is what was seen, and no claim. Compare the kernels by `plumbline ab`,",
                "or give at least \(SessionComparison.leastSessions) earlier runs of one kernel by "
                    + "`--history JOURNAL ...`.",
            ]
        case .effects:
            lines.append("B vs A: how the second experiment's effect differs from the first's.")
        case .sessions: lines += reading
        }
        if !comparison.onlyInOne.isEmpty {
            lines += TextLines.wrapped(
                "only in one of them: \(comparison.onlyInOne.joined(separator: ", "))")
        }
        return lines + comparison.warnings.flatMap { TextLines.wrapped("warning: \($0)") }
    }

    private var reading: [String] {
        var text = "Rates: totals over the slices that count. B vs A: the change in rate, its "
        text += "interval at 95% and p, judged by how much \(comparison.sessions) earlier sessions "
        text += "of one kernel differ by themselves; n: those that measured the cell; ~ where no "
        text += "difference is shown. Equivalent: within "
        text += "±\(Change.short(100 * CellReport.sessionMargin)). MDE80: the least change that "
        text += "such a comparison finds 8 times in 10."
        text += CellMatrix.sentence(comparison.cells)
        return TextLines.wrapped(text).map { style.faint(String($0.drop { $0 == " " })) }
    }
}

extension JournalComparison {
    /// The comparison for people, in colours or without.
    public func text(style: TextStyle = .plain) -> String {
        ComparisonText(comparison: self, style: style).text
    }

    /// The comparison for programs.
    public var document: VerdictDocument {
        func label(_ header: JournalHeader) -> String {
            header.comparison.map { "\($0.arms.b.label) vs \($0.arms.a.label)" }
                ?? header.host.kernelRelease
        }
        return VerdictDocument(
            experiment: .init(
                id: "\(a.id)..\(b.id)", kind: "compare",
                suite: a.suite.name, seed: a.seed, lens: a.lens.rawValue,
                arms: [
                    "A": .init(.init(label: label(a)), on: a.host),
                    "B": .init(.init(label: label(b)), on: b.host),
                ]), cells: cells.map(VerdictDocument.Cell.init), summary: .init(cells),
            calibration: nil, exitCode: exitCode)
    }
}
