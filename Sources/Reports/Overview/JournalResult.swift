// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Verdicts

/// What a stored journal says: verdicts where it has two arms, rates where it has one.
public enum JournalResult: Sendable {
    /// Two arms.
    case verdicts(VerdictReport)
    /// One arm.
    case run(RunReport)

    /// Sums a journal up.
    ///
    /// - Throws: as `VerdictReport`.
    public init(_ journal: StoredJournal) throws(PlumblineError) {
        self =
            journal.header.comparison == nil
            ? .run(RunReport(stored: journal)) : .verdicts(try VerdictReport(journal))
    }

    /// Of named journals the results of those cells only that a filter lets through; a journal
    /// without such a cell is left out.
    ///
    /// - Throws: `usage` where no cell is left.
    package static func keeping(
        _ filter: ResultFilter, of journals: [(name: String, result: JournalResult)]
    ) throws(PlumblineError) -> [(name: String, result: JournalResult)] {
        let kept = journals.compactMap { name, result in
            result.keeping(filter, journal: name).map { (name: name, result: $0) }
        }
        guard kept.isEmpty else { return kept }
        throw filter.nothingLeft(of: journals.flatMap { $0.result.allFacts(journal: $0.name) })
    }

    /// The result of those cells only that a filter lets through; nil where there are none.
    package func keeping(_ filter: ResultFilter, journal: String) -> JournalResult? {
        if filter.isEmpty { return self }
        let kept = filtered(by: filter, journal)
        return kept.plans.isEmpty ? nil : kept
    }

    private func filtered(by filter: ResultFilter, _ journal: String) -> JournalResult {
        switch self {
        case .verdicts(let report):
            return .verdicts(
                report.keeping {
                    filter.matches(facts($0.plan, verdict: $0.outcome.rawValue, journal: journal))
                })
        case .run(var report):
            report.cells.removeAll { !filter.matches(facts($0.plan, journal: journal)) }
            return .run(report)
        }
    }

    /// The command's exit code; 5 for a run of which a cell has no slice that counts.
    public var exitCode: Int32 {
        switch self {
        case .verdicts(let report): report.exitCode
        case .run(let report): report.exitCode
        }
    }

    /// The journal's header.
    package var header: JournalHeader {
        switch self {
        case .verdicts(let report): report.header
        case .run(let report): report.journal.header
        }
    }

    /// Its rows for programs.
    var rows: [ReportRow] {
        switch self {
        case .verdicts(let report): report.rows
        case .run(let report): report.rows
        }
    }

    /// Its document.
    var document: JSONObject {
        switch self {
        case .verdicts(let report): report.document
        case .run(let report): report.document
        }
    }

    /// Its cells.
    var plans: [CellPlan] {
        switch self {
        case .verdicts(let report): report.cells.map(\.plan)
        case .run(let report): report.cells.map(\.plan)
        }
    }

    private func allFacts(journal: String) -> [ResultFacts] {
        switch self {
        case .verdicts(let report):
            report.cells.map { facts($0.plan, verdict: $0.outcome.rawValue, journal: journal) }
        case .run(let report): report.cells.map { facts($0.plan, journal: journal) }
        }
    }

    /// What keys ask of a cell.
    func facts(_ plan: CellPlan, verdict: String? = nil, journal: String) -> ResultFacts {
        ResultFacts(
            journal: journal, header: header, kernels: kernels, plan: plan, verdict: verdict)
    }

    /// What the kernels are called, the words for all of them first.
    private var kernels: [String] {
        guard case .verdicts(let report) = self else { return [header.host.kernelRelease] }
        let releases = Arm.allCases.map { report.host($0).kernelRelease }
        guard header.plan.kind == .ab else { return [releases[1]] }
        let arms = report.comparison.arms
        return ["\(arms.a.label) -> \(arms.b.label)", arms.a.label, arms.b.label] + releases
    }
}

extension RunReport {
    /// Sums a stored journal up.
    init(stored journal: StoredJournal) {
        self.init(journal, exitCode: 0)
        exitCode = cells.contains { $0.valid == 0 } ? 5 : 0
    }
}
