// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Protocol
import Statistics
import Verdicts

/// The verdicts of several journals in one table, cell by cell.
public struct VerdictOverview: Sendable {
    /// The journals' verdicts, in the order in which they are told.
    public let reports: [VerdictReport]

    /// The verdicts of these journals.
    public init(_ reports: [VerdictReport]) { self.reports = reports }

    /// That of the worst journal: 5 before 3, 3 before 4.
    public var exitCode: Int32 {
        let codes = reports.map(\.exitCode)
        return [130, 5, 3, 4].first(where: codes.contains) ?? 0
    }
}

extension VerdictOverview: Report {
    package var verdicts: [VerdictReport] { reports }

    package var document: JSONObject {
        JSONObject([
            "schema": "plumbline.reports/1", "reports": reports.map(\.document),
            "exit_code": exitCode,
        ])
    }

    package var page: TextPage {
        var page = TextPage()
        for cell in cells {
            var table = TextTable(indent: 2)
            table.add(TextParagraph(lead: cell))
            for (report, words) in zip(reports, ownWords) {
                for verdict in report.cells where verdict.plan.label == cell {
                    table.add(
                        .left(report.what(words)),
                        .left(verdict.shortChangeText), .left("n=\(verdict.units)"),
                        .left(verdict.outcome.rawValue, verdict.role))
                    for line in verdict.overviewNotes + (verdict.claim?.lines ?? []) {
                        table.add(.note(line, role: .faint))
                    }
                }
            }
            page.add(table)
        }
        var remarks: [String] = []
        if reports.contains(where: \.hasEarlyStop) { remarks.append(VerdictReport.earlyStop) }
        if reports.contains(where: \.header.isEmulated) { remarks.append(JournalHeader.emulation) }
        if !remarks.isEmpty { page.add() }
        for remark in remarks { page.add(TextParagraph(remark)) }
        return page
    }

    /// By journal what tells its kernels from those of the others: words of the command line, and
    /// `init_on_alloc=1`.
    var ownWords: [[String]] {
        let zeroing = reports.map { report in
            report.host(.b).initOnAlloc.map { ["\(VerdictReport.zeroing)\($0)"] }
        }
        return zip(Self.own(reports.map(\.guestWords)), Self.own(zeroing)).map { $0 + $1 }
    }

    /// What not all lists have, of each; one that is not known says nothing of the others.
    private static func own(_ lists: [[String]?]) -> [[String]] {
        let known = lists.compactMap { $0 }
        let common = known.dropFirst().reduce(Set(known.first ?? [])) { $0.intersection($1) }
        return lists.map { ($0 ?? []).filter { !common.contains($0) } }
    }

    /// The cells' names, each once, in the order in which they come.
    var cells: [String] {
        var seen: Set<String> = []
        return reports.flatMap(\.cells).map(\.plan.label).filter { seen.insert($0).inserted }
    }
}

extension CellVerdict {
    /// What a row of many needs: what its effect is made of, and how it stopped or what it lacks.
    fileprivate var overviewNotes: [String] {
        let told = [Self.earlyStop, Self.workersUnpressured, Self.controlReclaims]
        var notes = told.filter(tags.contains).compactMap { tag in
            text(ofTag: tag).map { "\(tag): \($0)" }
        }
        if outcome == .imagesDiffer {
            let why =
                tags.contains(Self.twoMachines)
                ? Self.machinesText : "code layout alone can make this difference"
            notes.insert("images-differ: \(why)", at: 0)
        }
        return (parts.map { [$0.text] } ?? []) + notes
    }
}

extension VerdictReport {
    fileprivate static let zeroing = "init_on_alloc="

    /// The words that the candidate's guest was booted with, but for those that say how fast the
    /// host's clock is and how much memory there is; nil without a guest. Whether the kernel fills
    /// what it allocates with zeros is taken from its own log, where that is known.
    fileprivate var guestWords: [String]? {
        guard var guest = header.guest ?? comparison.arms.b.guest else { return nil }
        guest.dropClockRate()
        return guest.commandLine.split(separator: " ").map(String.init).filter { word in
            let isKnown = word.hasPrefix(Self.zeroing) && host(.b).initOnAlloc != nil
            return !isKnown && !word.hasPrefix("brd.")
        }
    }

    /// What tells this journal from others: `time, two kernels, nosmt`.
    ///
    /// - Parameter words: those of the command line that are its own.
    func what(_ words: [String]) -> String {
        ([metricText, whatDiffers] + words).joined(separator: ", ")
    }

    /// What was measured: `emulated instructions` where a guest's clock counted.
    fileprivate var metricText: String {
        let metric = header.metric.rawValue
        return header.isEmulated && header.countsInstructions ? "emulated \(metric)" : metric
    }

    /// What tells the arms apart, in a few words: `two kernels` or `iomap.dio_cache N to Y`.
    fileprivate var whatDiffers: String {
        guard header.plan.kind != .ab else {
            return comparison.areTwoMachines ? "two machines" : "two kernels"
        }
        let (a, b) = (comparison.arms.a.label, comparison.arms.b.label)
        if let equals = a.firstIndex(of: "="), comparison.knobs.count == 1,
            b.hasPrefix(a[...equals])
        {
            return "\(a[..<equals]) \(a[equals...].dropFirst()) to \(b[equals...].dropFirst())"
        }
        return "\(a) to \(b)"
    }
}
