// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics

/// What two stored journals say of each other.
///
/// Two that hold both arms are compared by the effects of their units, rounds or blocks: did the second find another
/// effect than the first? Two of one kernel each are comparable only by earlier runs of one
/// kernel, which show how much runs differ by themselves; without them the ratio of the rates is
/// shown, and nothing is claimed.
public struct JournalComparison: Sendable {
    /// What is compared.
    public enum Kind: String, Sendable {
        /// The effects that two interleaved experiments found.
        case effects
        /// The rates of two runs with one arm each.
        case rates
        /// The same, by how much earlier runs of one kernel differ.
        case history
        /// The rates of two kernels, by how much the boots of each differ.
        case boots
    }

    /// The error rate where no header settles it.
    static let alpha = 0.05

    /// What is compared.
    public let kind: Kind
    /// The first journal's header.
    public let a: JournalHeader
    /// The second journal's header.
    public let b: JournalHeader
    /// The cells that both have, in the order of the first.
    public let cells: [CellVerdict]
    /// Cells that only one of them has.
    public let onlyInOne: [String]
    /// How many earlier runs the rates are judged by.
    public let earlierRuns: Int
    /// What a person should know of the journals.
    public let warnings: [String]
    /// How many rounds of boots are void in the journals of each side.
    package let voidRounds: [Int]
    /// Whether a gate lets "inconclusive" pass.
    public var inconclusiveIsOK = false

    /// Compares two journals.
    ///
    /// - Parameter history: earlier runs of one kernel, where both hold one arm.
    /// - Throws: `NotComparable`, naming each field in which they or the earlier runs differ.
    public init(
        _ a: StoredJournal, _ b: StoredJournal, history: RunHistory? = nil
    ) throws(NotComparable) {
        self.a = a.header
        self.b = b.header
        voidRounds = [a, b].map { Self.voidRounds(in: [$0]) }
        switch (a.header.comparison, b.header.comparison) {
        case (.some, .some): kind = .effects
        case (nil, nil): kind = history == nil ? .rates : .history
        case (.some, nil):
            throw NotComparable(reasons: ["the first holds two arms, and the second one"])
        case (nil, .some):
            throw NotComparable(reasons: ["the first holds one arm, and the second two"])
        }
        let mismatches =
            JournalMismatch.all(a.header, b.header) + JournalMismatch.lengths(a, b)
            + JournalMismatch.zeroing(a, b)
        guard mismatches.isEmpty else {
            throw NotComparable(
                reasons: mismatches.map { "the \($0.field) differs: \($0.a) and \($0.b)" })
        }
        if a.header.comparison?.rule == .repeated || b.header.comparison?.rule == .repeated {
            throw NotComparable(reasons: ["instructions are compared within one journal"])
        }
        let strangers = history?.mismatches(with: a.header) ?? []
        guard strangers.isEmpty else { throw NotComparable(reasons: strangers) }
        let others = Dictionary(
            b.header.suite.cells.enumerated().map { ($1.name, $0) }
        ) { first, _ in first }
        let common = a.header.suite.cells.enumerated().compactMap { place, cell in
            others[cell.name].map { (cell, place, $0) }
        }
        let names = Set(common.map(\.0.name))
        onlyInOne = (a.header.suite.cells + b.header.suite.cells).map(\.name).filter {
            !names.contains($0)
        }
        warnings = a.warnings + b.warnings + (history?.runs.flatMap(\.warnings) ?? [])
        earlierRuns = history?.runs.count ?? 0
        if kind == .effects {
            cells = Self.effects(a, b, cells: common)
            return
        }
        do throws(PlumblineError) {
            cells = try Self.rates(a, b, cells: common, history: history)
        } catch {
            throw NotComparable(reasons: [error.message])
        }
    }

    static func voidRounds(in journals: [StoredJournal]) -> Int {
        journals.reduce(0) { $0 + Set($1.voidRounds.map(\.round)).count }
    }

    private static func effects(
        _ a: StoredJournal, _ b: StoredJournal, cells common: [(CellPlan, Int, Int)]
    ) -> [CellVerdict] {
        let margin = a.header.comparison.flatMap {
            try? EquivalenceMargin(fraction: $0.equivalence)
        }
        let alpha = a.header.comparison?.alpha ?? Self.alpha
        let metric = a.header.cellMetric
        var cells = common.map { plan, left, right in
            CellVerdict(
                plan,
                a: CellBlocks(a.blocks(at: left), roundBlocks: a.header.plan.roundBlocks),
                b: CellBlocks(b.blocks(at: right), roundBlocks: b.header.plan.roundBlocks),
                metric: metric,
                failures: (a.failures + b.failures).filter { $0.cell == plan.name },
                margin: margin, alpha: alpha)
        }
        CellMatrix.adjust(&cells, level: alpha)
        return cells
    }

    /// The ratios of two runs' rates: judged by a history, or descriptive.
    private static func rates(
        _ a: StoredJournal, _ b: StoredJournal, cells common: [(CellPlan, Int, Int)],
        history: RunHistory?
    ) throws(PlumblineError) -> [CellVerdict] {
        let latencies = (try LatencyTable(a), try LatencyTable(b))
        let totals = (a.totals, b.totals)
        let areTwoImages = a.header.host.kernel != b.header.host.kernel
        var cells = common.map { plan, left, right in
            var cell = CellVerdict(
                plan, a: totals.0[left], b: totals.1[right], metric: a.header.cellMetric)
            cell.arms[0].latencies = latencies.0.tracks(left, nil)
            cell.arms[1].latencies = latencies.1.tracks(right, nil)
            if let history {
                cell.judge(
                    by: history.rates(of: plan.name), areTwoImages: areTwoImages, alpha: alpha,
                    failures: (a.failures + b.failures).filter { $0.cell == plan.name })
            } else {
                cell.outcome = .invalid
                cell.tags = ["not-comparable"]
            }
            return cell
        }
        CellMatrix.adjust(&cells, level: alpha)
        return cells
    }

    /// How many cells have this verdict.
    public func count(_ outcome: Verdict.Outcome) -> Int { cells.count { $0.outcome == outcome } }

    /// As `VerdictReport.exitCode`; 5 for what is not comparable.
    public var exitCode: Int32 {
        if kind == .rates || cells.isEmpty { return 5 }
        if count(.regressed) > 0 { return 3 }
        if count(.invalid) > 0 { return 5 }
        return count(.inconclusive) + count(.imagesDiffer) > 0 && !inconclusiveIsOK ? 4 : 0
    }

    /// Two journals whose figures do not belong together: exit code 5.
    public struct NotComparable: Error, Sendable, Equatable {
        /// Each reason, naming a field.
        public var reasons: [String]

        /// Journals that differ for these reasons.
        package init(reasons: [String]) { self.reasons = reasons }
    }
}
