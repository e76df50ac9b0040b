// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration
import Journal
import Statistics

/// The rule that a journal's header settled.
struct ComparisonRule {
    /// The rule by which each cell is judged.
    let verdict: VerdictRule
    /// With looks and more cells than one: the bounds that a cell would have alone.
    let ownBounds: GroupSequential?

    /// - Parameter cells: how many cells share the error rate.
    /// - Throws: `failure` for a header that no rule can be made of.
    init(_ comparison: ComparisonRecord, cells: Int, seed: UInt64) throws(PlumblineError) {
        do throws(StatisticsError) {
            var own: GroupSequential?
            let stopping: StoppingRule
            switch comparison.rule {
            case .budget:
                let bounds = try GroupSequential(looks: comparison.looks)
                if cells > 1 { own = bounds.with(floor: 0) }
                stopping = .budget(
                    try LookPlan(
                        budget: comparison.blocks,
                        bounds: bounds.among(cells: max(1, cells), level: comparison.alpha)))
            case .untilDecided:
                stopping = .openEnded(try TMixture(expectedBlocks: comparison.blocks))
            case .fixed: stopping = .fixed
            }
            ownBounds = own
            verdict = VerdictRule(
                stopping: stopping,
                margin: try EquivalenceMargin(fraction: comparison.equivalence),
                images: comparison.knobs.isEmpty ? .two(agreeingBuilds: 1) : .one, seed: seed)
        } catch {
            throw .failure(
                "the journal's rule of stopping cannot be used: \(error)",
                remedy: "use the version of plumbline that wrote it")
        }
    }
}
