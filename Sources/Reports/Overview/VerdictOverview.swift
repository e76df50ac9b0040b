// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics
import Verdicts

/// What several journals say, cell by cell; nothing is pooled.
public struct VerdictOverview: Sendable {
    /// What the journals say, in the order in which they are told.
    package let results: [JournalResult]
    /// The journals' names, each another one.
    let names: [String]
    /// What makes a row of the table.
    var rowKeys: [ResultKey]
    /// What makes a column of it.
    var columnKeys: [ResultKey]

    /// A table of journals.
    ///
    /// - Parameters:
    ///   - results: each with the journal's name.
    ///   - rows: what makes a row; cells without one.
    ///   - columns: what makes a column; without it journals, unless they are in the rows.
    package init(
        _ results: [(name: String, result: JournalResult)], rows: [ResultKey]? = nil,
        columns: [ResultKey]? = nil
    ) {
        self.results = results.map(\.result)
        names = results.map(\.name)
        rowKeys = rows ?? (columns?.contains(.cell) == true ? [.journal] : [.cell])
        let rest: [ResultKey] = rowKeys.contains(.journal) ? [] : [.journal]
        columnKeys = columns ?? rest
    }

    /// The verdicts of these journals.
    public init(_ reports: [VerdictReport]) {
        self.init(reports.enumerated().map { ("\($0.offset + 1)", .verdicts($0.element)) })
    }

    /// The verdicts, in the order in which they are told; runs have none.
    public var reports: [VerdictReport] {
        results.compactMap { if case .verdicts(let report) = $0 { report } else { nil } }
    }

    /// That of the worst journal: 5 before 3, 3 before 4.
    public var exitCode: Int32 {
        let codes = results.map(\.exitCode)
        return [130, 5, 3, 4].first(where: codes.contains) ?? 0
    }
}

extension VerdictOverview: Report {
    package var verdicts: [VerdictReport] { reports }

    package var runs: [String] {
        zip(results, names).compactMap { result, name in
            if case .run = result { name } else { nil }
        }
    }

    package var document: JSONObject {
        JSONObject([
            "schema": "plumbline.reports/1", "reports": results.map(\.document),
            "warnings": differences(showing: [.cell, .journal]) + repeats, "exit_code": exitCode,
        ])
    }

    /// One line for each field in which the journals differ and that the reader does not see.
    func differences(showing shown: Set<ResultKey>) -> [String] {
        JournalDifferences(results, names: names, shown: shown).lines
    }

    package var page: TextPage {
        var page = TextPage()
        if columnKeys.contains(.journal) {
            page.add(legend)
            page.add()
        }
        let entries = entries
        let table = OverviewTable(entries, hasJournalRows: rowKeys.contains(.journal))
        for part in table.parts(width: TextPage.width) { page.add(part) }
        OverviewClaims(entries).add(to: &page)
        addRemarks(to: &page)
        return page
    }

    /// What makes a row. Figures of several metrics do not belong into one.
    private var shownRows: [ResultKey] {
        let isTold = (rowKeys + columnKeys).contains(.metric) || rowKeys.contains(.journal)
        let isOne = Set(results.map(\.header.metric)).count < 2
        return isTold || isOne ? rowKeys : rowKeys + [.metric]
    }

    /// Which journals are one experiment, each in a sentence.
    package var repeats: [String] {
        results.indices.compactMap { place in
            let header = results[place].header
            let same = results.indices.filter { results[$0].header == header }
            guard same.count > 1, same[0] == place else { return nil }
            let list = same.map { names[$0] }
            return "\(list.dropLast().joined(separator: ", ")) and \(list[list.count - 1]) are "
                + "one experiment, \(header.id)"
        }
    }

    /// What the columns' journals are.
    private var legend: TextTable {
        var table = TextTable()
        for (name, words) in zip(names, journalWords) { table.add(name, words) }
        return table
    }

    /// What each cell of each journal says, with its place in the table.
    private var entries: [OverviewEntry] {
        let words = journalWords
        let repeated = Set(words.filter { word in words.count { $0 == word } > 1 })
        let labels = labels
        let rows = shownRows
        return zip(results, zip(names, words)).flatMap { result, texts -> [OverviewEntry] in
            let (name, words) = texts
            func label(_ key: ResultKey, _ facts: ResultFacts, inRow: Bool) -> String {
                guard key == .journal, inRow else { return facts.value(key) }
                return repeated.contains(words) ? "\(words), \(name)" : words
            }
            return result.entries.map { entry in
                var entry = entry
                let verdict = entry.verdict
                let facts = result.facts(entry.plan, verdict: verdict, journal: name)
                entry.row = rows.map { label($0, facts, inRow: true) }
                entry.column = columnKeys.map { label($0, facts, inRow: false) }
                let isShort = labels[entry.plan.label]?.count == 1
                if rows.first == .cell, isShort { entry.title = entry.plan.label }
                entry.names = [isShort ? entry.plan.label : entry.plan.name, name]
                return entry
            }
        }
    }

    /// The full names of the cells that have a short name.
    var labels: [String: Set<String>] {
        var labels: [String: Set<String>] = [:]
        for plan in results.flatMap(\.plans) { labels[plan.label, default: []].insert(plan.name) }
        return labels
    }

    private func addRemarks(to page: inout TextPage) {
        var remarks: [TextParagraph] = []
        for case (.verdicts(let report), let name) in zip(results, names) {
            for round in report.voidRounds {
                remarks.append(.note("\(name): \(round.text)", role: .bad))
            }
            let shared = report.cells.filter { $0.tags.contains(CellVerdict.sharedLayouts) }
            guard let text = shared.first?.text(ofTag: CellVerdict.sharedLayouts) else { continue }
            let cells = shared.map(\.plan.label).shortList()
            remarks.append(
                .note("\(name): \(CellVerdict.sharedLayouts): \(text): \(cells)"))
        }
        if reports.contains(where: \.hasEarlyStop) {
            remarks.append(TextParagraph(VerdictReport.earlyStop))
        }
        if results.contains(where: \.header.isEmulated) {
            remarks.append(TextParagraph(JournalHeader.emulation))
        }
        remarks += zip(results, names).compactMap { result, name in
            guard case .verdicts(let report) = result, !report.leftOut.isEmpty else { return nil }
            return TextParagraph("\(name): \(report.cellCount).")
        }
        remarks += repeats.map { .note("warning: \($0)", role: .warning) }
        let differences = differences(showing: Set(shownRows + columnKeys))
        if !differences.isEmpty {
            let warning = "warning: the journals differ in what is not shown:"
            remarks.append(TextParagraph(warning, role: .warning))
            remarks += differences.map { TextParagraph.note($0, role: .warning) }
        }
        if !remarks.isEmpty { page.add() }
        for remark in remarks { page.add(remark) }
    }

    /// By journal what was measured, and what tells it from the others.
    var journalWords: [String] {
        zip(results, ownWords).map { result, own in
            switch result {
            case .verdicts(let report): report.what(own)
            case .run(let report):
                "\(report.journal.header.metricText), \(report.journal.header.host.kernelRelease)"
            }
        }
    }

    /// By journal what tells its kernels from those of the others: words of the command line, and
    /// `init_on_alloc=1`.
    var ownWords: [[String]] {
        let zeroing = results.map { result -> [String]? in
            guard case .verdicts(let report) = result else { return nil }
            return report.host(.b).initOnAlloc.map { ["\(VerdictReport.zeroing)\($0)"] }
        }
        let guests = results.map { result -> [String]? in
            if case .verdicts(let report) = result { report.guestWords } else { nil }
        }
        return zip(Self.own(guests), Self.own(zeroing)).map { $0 + $1 }
    }

    /// What not all lists have, of each; one that is not known says nothing of the others.
    private static func own(_ lists: [[String]?]) -> [[String]] {
        let known = lists.compactMap { $0 }
        let common = known.dropFirst().reduce(Set(known.first ?? [])) { $0.intersection($1) }
        return lists.map { ($0 ?? []).filter { !common.contains($0) } }
    }
}

extension JournalHeader {
    /// What was measured: `emulated instructions` where a guest's clock counted.
    fileprivate var metricText: String {
        isEmulated && countsInstructions ? "emulated \(metric.rawValue)" : metric.rawValue
    }
}

extension VerdictReport {
    fileprivate static let zeroing = "init_on_alloc="

    /// What tells this journal from others: `time, two kernels, nosmt`.
    ///
    /// - Parameter words: those of the command line that are its own.
    func what(_ words: [String]) -> String {
        ([header.metricText, whatDiffers] + words).joined(separator: ", ")
    }

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
