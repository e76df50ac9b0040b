// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics

/// Compares slice lengths by the smallest change that equal wall time finds.
struct SliceLengths {
    /// The lengths, the shortest first.
    let lengths: [CalibrationRecord.Length]

    /// The length with the smallest median; of equal ones the shortest, nil where none has one.
    var best: CalibrationRecord.Length? {
        lengths.filter { $0.median != nil }.min { ($0.median ?? 0) < ($1.median ?? 0) }
    }

    /// Takes journals of the same cells, one a length.
    ///
    /// - Throws: `failure` for effects that are not numbers.
    init(_ journals: [StoredJournal]) throws(PlumblineError) {
        var lengths: [CalibrationRecord.Length] = []
        for journal in journals {
            do throws(StatisticsError) {
                lengths.append(try Self.length(journal))
            } catch {
                throw .failure("slices of \(journal.header.suite.slice) ns: \(error)")
            }
        }
        lengths.sort { $0.slice < $1.slice }
        // A cell that has no figure at any length, such as one that cannot run, says nothing.
        let places = journals[0].header.suite.cells.indices.filter { place in
            lengths.contains { $0.cells[place].detectable != nil }
        }
        for index in lengths.indices {
            let cells = lengths[index].cells
            lengths[index].median = Self.median(places.map { cells[$0].detectable })
        }
        self.lengths = lengths
    }

    private static func length(
        _ journal: StoredJournal
    ) throws(StatisticsError) -> CalibrationRecord.Length {
        let suite = journal.header.suite
        let paces = BlockPace.cells(of: journal)
        var cells: [CalibrationRecord.Length.Cell] = []
        for (place, blocks) in journal.blocks.enumerated() {
            let effects = CellBlocks(blocks).effects
            var cell = CalibrationRecord.Length.Cell(
                name: suite.cells[place].name, blocks: effects.count,
                measuredShare: paces[place].share)
            if effects.count >= Verdict.leastUnits {
                let deviation = try Moments(effects).deviation
                cell.blockDeviation = 100 * deviation
                cell.detectable = try paces[place].detectable(deviation, seconds: 60)
            }
            cells.append(cell)
        }
        let wall = paces.reduce(0) { $0 + $1.wall }
        return .init(
            slice: suite.slice, guardTime: suite.guardTime,
            measuredShare: wall > 0 ? paces.reduce(0) { $0 + $1.measured } / wall : nil,
            cells: cells)
    }

    /// The median, where a missing value is larger than any other; nil where it is not finite.
    private static func median(_ values: [Double?]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.map { $0 ?? .infinity }.sorted()
        let median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        return median.isFinite ? median : nil
    }
}
