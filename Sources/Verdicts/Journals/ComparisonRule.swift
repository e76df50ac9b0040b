// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics

/// The rule that a journal's header settled, for the controller that stops by it and for the
/// report that judges by it.
public struct ComparisonRule: Sendable {
    /// The rule by which each cell is judged, with its share of the error rate.
    public internal(set) var verdict: VerdictRule
    /// The rule that a cell would have alone; its intervals are those that are reported.
    public let alone: any StoppingRule
    /// Rounds of boots or blocks that there will be; nil where a decision alone ends it.
    package let plannedUnits: Int?

    /// - Parameter cells: how many cells share the error rate.
    /// - Throws: `failure` for a header that no rule can be made of.
    package init(
        _ comparison: ComparisonRecord, cells: Int, of plan: Plan
    ) throws(PlumblineError) {
        do throws(StatisticsError) {
            let cells = max(1, cells)
            let units = plan.plannedUnits ?? comparison.blocks
            plannedUnits = comparison.rule == .untilDecided ? nil : units
            alone = try Self.stopping(comparison, units: units, cells: 1, isAlone: cells == 1)
            verdict = VerdictRule(
                stopping: try Self.stopping(
                    comparison, units: units, cells: cells, isAlone: cells == 1),
                margin: try EquivalenceMargin(fraction: comparison.equivalence),
                direction: plan.metric == .time ? .higherIsBetter : .lowerIsBetter,
                areTwoImages: comparison.areTwoImages && plan.metric == .time, seed: plan.seed)
        } catch {
            throw .failure(
                "the journal's rule of stopping cannot be used: \(error)",
                remedy: "use the version of plumbline that wrote it")
        }
    }

    /// The rule for one of so many cells; the p of cells that are not alone is adjusted, which the
    /// bounds' floor would contradict.
    private static func stopping(
        _ comparison: ComparisonRecord, units: Int, cells: Int, isAlone: Bool
    ) throws(StatisticsError) -> any StoppingRule {
        switch comparison.rule {
        case .budget:
            var bounds = try GroupSequential(looks: comparison.looks)
            if !isAlone { bounds = bounds.with(floor: 0) }
            return try LookPlan(
                budget: units, bounds: bounds.among(cells: cells, level: comparison.alpha))
        case .untilDecided:
            // A cell that stops at its share of the level keeps its verdict among the others.
            return try TMixture(expected: units, level: comparison.alpha / Double(cells))
        case .fixed, .repeated: return FixedSample()
        }
    }

    /// A cell's own interval after this verdict: at the level that the cell has alone, because
    /// adjusted p-values, not wider intervals, hold the error rate over cells.
    public func interval(_ verdict: Verdict) -> Interval { alone.interval(of: verdict) }
}
