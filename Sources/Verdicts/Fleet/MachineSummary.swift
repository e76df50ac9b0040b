// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics

/// What one machine of a fleet measured: its journal without the slices.
///
/// A fleet's journals are read one after the other, and of each only this is kept.
public struct MachineSummary: Sendable {
    /// One cell on this machine.
    struct Cell: Sendable {
        /// A log ratio for each unit, a round of boots or a block; none where nothing counts, and
        /// where there is one arm.
        var units: [Double] = []
        /// Each arm's figure that is compared, A first; nil where nothing counts.
        var figures: [Double?] = []
        /// The measured time of its slices, nanoseconds.
        var slice = 0
        /// Each arm's void and valid slices, A first.
        var slices: [(void: Int, good: Int)] = []
        /// The workers' direct reclaims a second; nil where an arm has not counted them.
        var workerStalls: Double?
        /// What makes the cell invalid for the whole fleet, with the tag for it.
        var trouble: (error: PlumblineError, tag: String)?
        /// Why this machine has no value, through nothing that depends on the arm.
        var absence: String?

        /// The mean over the units; nil without any.
        var mean: Double? {
            units.isEmpty ? nil : units.reduce(0, +) / Double(units.count)
        }
    }

    /// The machine's name.
    public let name: String
    /// The journal's first line.
    let header: JournalHeader
    /// The cells in the order of the suite.
    let cells: [Cell]
    /// Whether each kernel had several layouts in the rounds that count.
    let layoutsVary: Bool
    /// What a person should know of the journal.
    let warnings: [String]

    /// Sums a journal up. Linear in its slices; reads no detail of them.
    public init(_ journal: StoredJournal, machine name: String) {
        self.name = name
        header = journal.header
        warnings = journal.warnings
        let voidRounds = Set(journal.voidRounds.map(\.round))
        layoutsVary = RoundLayouts(journal.rounds).vary(
            in: Array(Set(journal.rounds.map(\.round)).subtracting(voidRounds)))
        guard journal.header.comparison != nil else {
            cells = zip(journal.header.suite.cells, journal.totals).map { plan, total in
                Self.cell(plan, total, in: journal)
            }
            return
        }
        let plans = journal.header.suite.cells
        cells = Parallel.map(plans.count) { place in
            Self.cell(plans[place], journal.blocks(at: place), in: journal)
        }
    }

    /// Of a run, the rate alone.
    private static func cell(
        _ plan: CellPlan, _ total: ArmTotal, in journal: StoredJournal
    ) -> Cell {
        var verdict = CellVerdict(plan, metric: journal.header.cellMetric)
        verdict.arms[0].total = total
        var cell = Cell()
        cell.figures = [verdict.figure(verdict.arms[0])]
        cell.slice = journal.sliceLengths[plan.name] ?? journal.header.suite.slice
        if cell.figures[0] == nil {
            let failure = journal.failures.first { $0.cell == plan.name }
            cell.absence = failure?.error.message ?? "no slice counts"
        }
        return cell
    }

    private static func cell(
        _ plan: CellPlan, _ blocks: [Block], in journal: StoredJournal
    ) -> Cell {
        let sorted = CellBlocks(blocks, roundBlocks: journal.header.plan.roundBlocks)
        let failures = journal.failures.filter { $0.cell == plan.name }
        var verdict = CellVerdict(plan, totals: sorted, metric: journal.header.cellMetric)
        verdict.check(sorted, failures: failures)
        if sorted.effects.isEmpty, failures.isEmpty, let loss = journal.voidRounds.last {
            verdict.invalidate(loss.error, tag: "lost-\(loss.arm.rawValue.lowercased())")
        }
        var cell = Cell()
        cell.units = (try? Units(sorted.observations).values) ?? sorted.effects
        cell.figures = verdict.arms.map { verdict.figure($0) }
        cell.slice = journal.sliceLengths[plan.name] ?? journal.header.suite.slice
        cell.workerStalls = verdict.pooledWorkerStallRate
        cell.slices = verdict.arms.map { ($0.total.void, $0.total.valid) }
        if verdict.outcome == .invalid, let error = verdict.error {
            if let tag = verdict.tags.first(where: { !blindTags.contains($0) }) {
                cell.trouble = (error, tag)
            } else {
                cell.units = []
                cell.absence = error.message
            }
        } else if cell.units.isEmpty {
            cell.absence = "no block counts"
        }
        return cell
    }

    /// What keeps a machine from a value and does not depend on the arm.
    private static let blindTags: Set<String> = ["all-void", "failed"]
}
