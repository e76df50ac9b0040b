// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics

/// Judges A/A comparisons by the labels that their arms had when they were measured, so that a bias
/// between the arms shows: of the order, the warm-up, the layout, or one of two guests.
///
/// Each comparison has blocks of its own and is judged as if it were the only one, by the rule that
/// every comparison has by default.
public struct Placebos {
    private let journals: [PlaceboJournal]

    /// Takes journals of A/A comparisons.
    ///
    /// - Throws: `usage` for one whose arms differ, that has not ended, or that does not belong to
    ///   the others.
    public init(
        _ journals: [(journal: StoredJournal, name: String)]
    ) throws(PlumblineError) {
        self.journals = try journals.map { (journal, name) throws(PlumblineError) in
            try PlaceboJournal(journal, name: name)
        }
        try PlaceboJournal.refuseUnlike(self.journals, names: journals.map(\.name))
    }

    /// How many comparisons found a difference, and what all blocks together show.
    ///
    /// - Throws: `failure` when there is no whole comparison.
    public func record() throws(PlumblineError) -> PlaceboRecord {
        let header = journals[0].journal.header
        var cells = header.suite.cells.map {
            PlaceboRecord.Cell(name: $0.name, shortName: $0.shortName)
        }
        var units = Pool(countsRounds: header.plan.bootsRounds)
        for (number, journal) in journals.enumerated() {
            for (place, cut) in journal.cuts.enumerated() {
                let cell = journal.journal.header.suite.cells[place]
                guard let index = cells.firstIndex(where: { $0.name == cell.name }) else {
                    continue
                }
                cells[index].leftOver += cut.leftOver
                for blocks in cut.comparisons {
                    let outcome = outcome(of: blocks, place, in: journal)
                    cells[index].outcomes[outcome.rawValue, default: 0] += 1
                }
                let all = CellBlocks(cut.comparisons.flatMap { $0 })
                units.add(all.observations, journal: number, cell: index)
            }
        }
        for index in cells.indices { cells[index].pooled = units.pooled(cell: index) }
        let comparisons = cells.reduce(0) { $0 + $1.comparisons }
        guard let band = try? Planning.acceptedRejections(comparisons: comparisons) else {
            throw .failure(
                "no cell has the \(journals[0].units) \(units.noun)s of one A/A comparison",
                remedy: "measure for longer")
        }
        return PlaceboRecord(
            arms: header.comparison.map(Self.words) ?? "",
            journals: journals.map(\.journal.header.id),
            unit: units.noun, units: journals[0].units,
            emulated: header.isEmulated ? true : nil, fewest: band.lowerBound,
            most: band.upperBound, pooled: units.pooled, cells: cells)
    }

    /// `6.12`, or `one machine (local, ::1)`.
    private static func words(_ comparison: ComparisonRecord) -> String {
        let (a, b) = (comparison.arms.a.label, comparison.arms.b.label)
        return comparison.areTwoMachines ? "one machine (\(a), \(b))" : a
    }

    private func outcome(
        of blocks: [Block], _ place: Int, in placebo: PlaceboJournal
    ) -> Verdict.Outcome {
        let header = placebo.journal.header
        let cell = CellVerdict(
            header.suite.cells[place],
            CellBlocks(blocks, roundBlocks: header.plan.roundBlocks),
            metric: header.cellMetric, rule: placebo.rule,
            layouts: RoundLayouts(placebo.journal.rounds), failures: [])
        return cell.outcome
    }
}

/// The units of all comparisons.
private struct Pool {
    /// A round of a journal, which all cells share; without rounds, one block or pair.
    private struct Key: Hashable {
        var journal: Int
        var unit: Int
    }

    let countsRounds: Bool
    var noun: String { countsRounds ? "round" : "block" }
    private var cells: [Int: [Double]] = [:]
    private var rounds: [Key: [Int: Double]] = [:]

    init(countsRounds: Bool) { self.countsRounds = countsRounds }

    mutating func add(_ observations: Observations, journal: Int, cell: Int) {
        guard let units = try? Units(observations) else { return }
        cells[cell, default: []] += units.values
        guard countsRounds else { return }
        var numbers: [Int] = []
        for round in observations.rounds where numbers.last != round { numbers.append(round) }
        for (number, value) in zip(numbers, units.values) {
            rounds[Key(journal: journal, unit: number), default: [:]][cell] = value
        }
    }

    /// What a cell's units show together.
    func pooled(cell: Int) -> PlaceboRecord.Pooled? { cells[cell].flatMap { .init($0) } }

    /// By cell the inverse of its units' variance, so that noisy cells do not hide the others.
    private var weights: [Int: Double] {
        cells.compactMapValues { values in
            guard let variance = (try? Moments(values))?.variance, variance > 0 else { return nil }
            return 1 / variance
        }
    }

    /// What the units of all cells show together; a round's is the mean over its cells, which ran
    /// in the same boots.
    var pooled: PlaceboRecord.Pooled? {
        let weights = weights
        if countsRounds {
            let keys = rounds.keys.sorted { ($0.journal, $0.unit) < ($1.journal, $1.unit) }
            return .init(keys.compactMap { rounds[$0].flatMap { Self.mean($0, weights) } })
        }
        let places = weights.keys.sorted()
        let values = places.flatMap { place in
            (cells[place] ?? []).map { ($0, weights[place] ?? 0) }
        }
        // The mean of these is the weighted mean.
        let mean = values.reduce(0) { $0 + $1.1 } / Double(max(1, values.count))
        return .init(values.map { $0.0 * $0.1 / mean })
    }

    /// The weighted mean of a round's cells; nil without any.
    private static func mean(_ values: [Int: Double], _ weights: [Int: Double]) -> Double? {
        var (sum, total) = (0.0, 0.0)
        for place in values.keys.sorted() {
            let weight = weights[place] ?? 0
            sum += weight * (values[place] ?? 0)
            total += weight
        }
        return total > 0 ? sum / total : nil
    }
}
