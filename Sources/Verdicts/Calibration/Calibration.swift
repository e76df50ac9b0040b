// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics

/// What a placebo's journals show of a machine: A/A comparisons by their real labels, the tail of the
/// t-test, and the best slice length.
///
/// The check of the tail draws anew, for every block of a comparison, which pair of its slices is
/// called A. Such labels know nothing of the arms, so that it sees no bias between them. Only the slice
/// length that comparisons have by default is judged, because the tail of the noise depends on the
/// length.
public struct Calibration {
    /// Comparisons with shuffled labels, over all cells.
    public static let shuffled = 200

    private let journal: StoredJournal
    private let others: [StoredJournal]
    private let comparison: ComparisonRecord
    private let placebos: Placebos

    /// Takes the journal of a placebo.
    ///
    /// - Parameter others: journals of the same cells with slices of other lengths.
    /// - Throws: `usage` when the arms of the first differ.
    public init(
        _ journal: StoredJournal, others: [StoredJournal] = []
    ) throws(PlumblineError) {
        placebos = try Placebos([(journal, "the journal \(journal.header.id)")])
        guard let comparison = journal.header.comparison else {
            throw .usage("the journal \(journal.header.id) has one arm")
        }
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
        let placebos = try placebos.record()
        let each = (Self.shuffled + usable - 1) / usable
        var cells: [CalibrationRecord.Cell] = []
        for (place, values) in effects.enumerated() {
            cells.append(
                try cell(
                    header.suite.cells[place], values, pace: paces[place], shuffled: each,
                    seed: seed &+ UInt64(place)))
        }
        let comparisons = cells.reduce(0) { $0 + $1.shuffled }
        guard let band = try? Planning.acceptedRejections(comparisons: comparisons) else {
            throw .failure("there is no band for \(comparisons) comparisons")
        }
        let lengths = try SliceLengths([journal] + others)
        return CalibrationRecord(
            machine: .init(header.host), at: journal.ending?.at ?? header.startedAt,
            slice: header.suite.slice, seed: seed, placebos: placebos,
            tail: .init(
                comparisons: comparisons,
                rejections: cells.reduce(0) { $0 + $1.shuffledRejections },
                fewest: band.lowerBound, most: band.upperBound), cells: cells,
            lengths: lengths.lengths, bestSlice: lengths.best?.slice)
    }

    private func cell(
        _ plan: CellPlan, _ effects: [Double], pace: BlockPace, shuffled: Int, seed: UInt64
    ) throws(PlumblineError) -> CalibrationRecord.Cell {
        var cell = CalibrationRecord.Cell(
            name: plan.name, shortName: plan.shortName, blocks: effects.count, shuffled: 0,
            shuffledRejections: 0)
        guard effects.count >= Verdict.leastUnits, let moments = try? Moments(effects) else {
            return cell
        }
        do throws(StatisticsError) {
            let rule = VerdictRule(
                stopping: try LookPlan(budget: effects.count),
                margin: try EquivalenceMargin(fraction: comparison.equivalence))
            var coin = SplitMix64(seed: seed)
            for _ in 0..<shuffled {
                let relabelled = effects.map { coin.next() >> 63 == 1 ? $0 : -$0 }
                if try Self.findsDifference(relabelled, rule) { cell.shuffledRejections += 1 }
            }
            cell.shuffled = shuffled
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
