// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration
import Journal
import Statistics

/// What two stored journals say of each other.
///
/// Two that hold both arms are compared by their blocks' effects: did the second find another
/// effect than the first? Two of one kernel each are not comparable: the ratio of their rates is
/// told, and nothing is claimed.
public struct JournalComparison: Sendable {
    /// What is compared.
    public enum Kind: String, Sendable {
        /// The effects that two interleaved experiments found.
        case effects
        /// The rates of two runs with one arm each.
        case rates
    }

    /// What is compared.
    public let kind: Kind
    /// The first journal's header.
    public let a: JournalHeader
    /// The second journal's header.
    public let b: JournalHeader
    /// The cells that both have, in the order of the first.
    public let cells: [CellReport]
    /// Cells that only one of them has.
    public let onlyInOne: [String]
    /// What a person should know of the journals.
    public let warnings: [String]
    /// Whether a gate lets "inconclusive" pass.
    public var inconclusiveIsOK = false

    /// Compares two journals.
    ///
    /// - Throws: `NotComparable`, naming each field in which they differ.
    public init(_ a: JournalDigest, _ b: JournalDigest) throws(NotComparable) {
        self.a = a.header
        self.b = b.header
        switch (a.header.comparison, b.header.comparison) {
        case (.some, .some): kind = .effects
        case (nil, nil): kind = .rates
        case (.some, nil):
            throw NotComparable(reasons: ["the first holds two arms, and the second one"])
        case (nil, .some):
            throw NotComparable(reasons: ["the first holds one arm, and the second two"])
        }
        let mismatches = JournalMismatch.all(a.header, b.header)
        guard mismatches.isEmpty else {
            throw NotComparable(
                reasons: mismatches.map { "the \($0.field) differs: \($0.a) and \($0.b)" })
        }
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
        warnings = a.warnings + b.warnings
        cells =
            kind == .effects
            ? Self.effects(a, b, common) : common.map { Self.ratio(a, b, $0.0, $0.1, $0.2) }
    }

    private static func effects(
        _ a: JournalDigest, _ b: JournalDigest, _ common: [(CellPlan, Int, Int)]
    ) -> [CellReport] {
        let margin = a.header.comparison.flatMap {
            try? EquivalenceMargin(fraction: $0.equivalence)
        }
        let alpha = a.header.comparison?.alpha ?? 0.05
        let blocks = (a.blocks, b.blocks)
        var cells = common.map { plan, left, right in
            CellReport(
                plan,
                CellBlocks(blocks.0[left], firstBlock: a.firstBlocks[plan.name] ?? 0),
                CellBlocks(blocks.1[right], firstBlock: b.firstBlocks[plan.name] ?? 0),
                failures: (a.failures + b.failures).filter { $0.cell == plan.name },
                margin: margin, alpha: alpha)
        }
        CellMatrix.adjust(&cells, level: alpha)
        return cells
    }

    /// The descriptive ratio of two sessions' rates.
    private static func ratio(
        _ a: JournalDigest, _ b: JournalDigest, _ plan: CellPlan, _ left: Int, _ right: Int
    ) -> CellReport {
        var cell = CellReport(plan, outcome: .invalid)
        cell.tags = ["not-comparable"]
        for (index, (journal, place)) in [(a, left), (b, right)].enumerated() {
            for slice in journal.slices where slice.cell == place {
                cell.arms[index].total.count(slice)
                if slice.isValid { cell.arms[index].total.add(slice) }
            }
            cell.arms[index].latencies = journal.latencies(cell: place, arm: nil)
        }
        let rates = cell.arms.compactMap(\.total.rate)
        if rates.count == 2, rates[0] > 0, rates[1] > 0 {
            cell.effect = 100 * (rates[1] / rates[0] - 1)
        }
        return cell
    }

    /// How many cells have this verdict.
    public func count(_ outcome: Verdict.Outcome) -> Int { cells.count { $0.outcome == outcome } }

    /// As `VerdictReport.exitCode`; 5 for what is not comparable.
    public var exitCode: Int32 {
        if kind == .rates || cells.isEmpty { return 5 }
        if count(.regressed) > 0 { return 3 }
        if count(.invalid) > 0 { return 5 }
        return count(.inconclusive) > 0 && !inconclusiveIsOK ? 4 : 0
    }

    /// Two journals whose figures do not belong together: exit code 5.
    public struct NotComparable: Error, Sendable, Equatable {
        /// Each reason, naming a field.
        public var reasons: [String]
    }
}
