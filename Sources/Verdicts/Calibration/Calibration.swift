// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics

/// Makes many A/A comparisons of a placebo's blocks, and counts those that find a difference.
///
/// The two arms ran the same code, so which pair of a block's slices is called A is for us to say:
/// each comparison draws that anew for every block, and judges it by the default rule. They are
/// made of the slice length that comparisons have by default, because the tail of the noise depends
/// on the length.
public struct Calibration {
    /// Comparisons over all cells.
    public static let comparisons = 200

    private let journal: StoredJournal
    private let others: [StoredJournal]
    private let comparison: ComparisonRecord

    /// Takes the journal of a placebo.
    ///
    /// - Parameter others: journals of the same cells with slices of other lengths.
    /// - Throws: `usage` when arms differ.
    public init(
        _ journal: StoredJournal, others: [StoredJournal] = []
    ) throws(PlumblineError) {
        guard let comparison = journal.header.comparison,
            ([journal] + others).allSatisfy({ journal in
                journal.header.comparison?.knobs.allSatisfy { $0.a == $0.b } == true
            })
        else { throw .usage("the journal is not of an A/A comparison: its arms differ") }
        self.journal = journal
        self.others = others
        self.comparison = comparison
    }

    /// The smallest effects that can be found, and how often A/A comparisons found one.
    ///
    /// - Throws: `failure` when no cell has enough blocks.
    public func record(seed: UInt64) throws(PlumblineError) -> CalibrationRecord {
        let header = journal.header
        let effects = journal.blocks.map { CellBlocks($0).effects }
        let paces = BlockPace.cells(of: journal)
        let usable = effects.count { $0.count >= Verdict.leastUnits }
        guard usable > 0 else {
            throw .failure(
                "no cell has the \(Verdict.leastUnits) blocks that a comparison needs",
                remedy: "calibrate for longer, with --minutes")
        }
        let each = (Self.comparisons + usable - 1) / usable
        var cells: [CalibrationRecord.Cell] = []
        for (place, values) in effects.enumerated() {
            cells.append(
                try cell(
                    header.suite.cells[place], values, pace: paces[place], comparisons: each,
                    seed: seed &+ UInt64(place)))
        }
        let comparisons = cells.reduce(0) { $0 + $1.comparisons }
        guard let band = try? Planning.acceptedRejections(comparisons: comparisons) else {
            throw .failure("there is no band for \(comparisons) comparisons")
        }
        let lengths = try SliceLengths([journal] + others)
        return CalibrationRecord(
            machine: .init(header.host), at: journal.ending?.at ?? header.startedAt,
            slice: header.suite.slice, seed: seed, comparisons: comparisons,
            rejections: cells.reduce(0) { $0 + $1.rejections },
            fewest: band.lowerBound, most: band.upperBound, cells: cells,
            lengths: lengths.lengths, bestSlice: lengths.best?.slice)
    }

    private func cell(
        _ plan: CellPlan, _ effects: [Double], pace: BlockPace, comparisons: Int, seed: UInt64
    ) throws(PlumblineError) -> CalibrationRecord.Cell {
        var cell = CalibrationRecord.Cell(
            name: plan.name, shortName: plan.shortName, blocks: effects.count, comparisons: 0,
            rejections: 0)
        guard effects.count >= Verdict.leastUnits, let moments = try? Moments(effects) else {
            return cell
        }
        do throws(StatisticsError) {
            let rule = VerdictRule(
                stopping: try LookPlan(budget: effects.count),
                margin: try EquivalenceMargin(fraction: comparison.equivalence))
            var coin = SplitMix64(seed: seed)
            for _ in 0..<comparisons {
                let relabelled = effects.map { coin.next() >> 63 == 1 ? $0 : -$0 }
                if try Self.findsDifference(relabelled, rule) { cell.rejections += 1 }
            }
            cell.comparisons = comparisons
            cell.blockDeviation = 100 * moments.deviation
            cell.autocorrelation = try Dependence(effects).autocorrelation
            cell.detectableIn60 = try pace.detectable(moments.deviation, seconds: 60)
            cell.detectableIn300 = try pace.detectable(moments.deviation, seconds: 300)
        } catch {
            throw .failure("\(plan.name): \(error)")
        }
        return cell
    }

    private static func findsDifference(
        _ effects: [Double], _ rule: VerdictRule
    ) throws(StatisticsError) -> Bool {
        // Whether it may stop is cheap to know, and no verdict without stopping is a difference.
        let observations = Observations(effects: effects)
        guard try Verdict.mayStop(observations, rule: rule) else { return false }
        let outcome = try Verdict.judge(observations, rule: rule).outcome
        return outcome == .improved || outcome == .regressed
    }
}
