// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// What a format shows of a report; not every report has each.
package enum ReportPart: Sendable {
    /// The report for people and the document for programs: every report has them.
    case page
    /// Cells as rows of a table for programs.
    case rows
    /// The same with the figures of rounds, blocks or slices.
    case samples
    /// Cells as tests that pass or fail.
    case suites
    /// The verdicts of each journal.
    case verdicts

    /// Refuses a report that lacks it, and names the formats that can show the report.
    ///
    /// - Parameters:
    ///   - parts: what the report has.
    ///   - format: the name of the format that is asked for.
    ///   - why: what the report lacks; nil for the usual words.
    /// - Throws: `usage`.
    func check(
        in parts: Set<ReportPart>, for format: String, why: String? = nil
    ) throws(PlumblineError) {
        guard !parts.contains(self) else { return }
        let able = ReportFormat.all.filter { parts.contains($0.part) }.map(\.name)
        let list = able.count > 1 ? "\(able.dropLast().joined(separator: ", ")) or " : ""
        let each =
            self == .samples && parts.contains(.rows)
            ? ", or `plumbline report JOURNAL --format \(format)` for each journal" : ""
        throw .usage(
            "--format \(format) is not supported here: \(why ?? absence(in: parts))",
            remedy: "use --format \(list)\(able.last ?? "")\(each)")
    }

    private func absence(in parts: Set<ReportPart>) -> String {
        switch self {
        case .page: "there is nothing to show"
        case .samples where parts.contains(.rows):
            "a comparison of two journals keeps no figures of rounds, blocks or slices"
        case .rows, .samples: "there are no cells"
        case .suites, .verdicts: "there are no verdicts"
        }
    }
}

extension Report {
    /// What the report has.
    var parts: Set<ReportPart> {
        var parts: Set<ReportPart> = [.page]
        let rows = rows
        if !rows.isEmpty {
            parts.insert(.rows)
            let hasSamples = rows.allSatisfy { $0.sides.allSatisfy { $0.samples != nil } }
            if hasSamples { parts.insert(.samples) }
        }
        if !suites.isEmpty { parts.insert(.suites) }
        if !verdicts.isEmpty, runs.isEmpty { parts.insert(.verdicts) }
        return parts
    }

    /// Refuses a format that shows what this report lacks.
    ///
    /// - Throws: `usage`, with the formats that can show the report.
    func check(for format: (some Renderer).Type) throws(PlumblineError) {
        let isMixed = format.part == .verdicts && !verdicts.isEmpty && !runs.isEmpty
        let verb = runs.count == 1 ? "is a journal of a run" : "are journals of runs"
        try format.part.check(
            in: parts, for: format.name,
            why: isMixed
                ? "\(runs.joined(separator: ", ").printable) \(verb), without a verdict" : nil)
    }
}
