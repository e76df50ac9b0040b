// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

extension Bench {
    /// A line with the cost of `plumbline report` of long journals: the file's size, the median
    /// time, and the most resident memory.
    ///
    /// They have 100 cells, and in each of 8 rounds 124 and 1000 slices a cell.
    static func reportCost(_ programs: Programs) throws(PlumblineError) -> String {
        let (starts, cells, rounds) = (3, 100, 8)
        var figures: [String] = []
        for blocks in [31, 250] {
            var journal = try LongJournal(
                programs, cells: cells, rounds: rounds, blocks: rounds * blocks)
            defer { journal.remove() }
            for round in 0..<rounds { try journal.add(blocks: blocks, round: round) }
            for format in ["text", "json"] {
                let cost = try Programs.cost(
                    of: [programs.plumbline, "report", "--format", format, journal.path],
                    starts: starts, codes: [0, 3, 4])
                figures.append(
                    "\(journal.slices) slices (\(journal.bytes / 1_000_000) MB) as \(format) in "
                        + "\(Decimal.time(nanoseconds: cost.time)) and "
                        + "\(cost.resident / 1_000_000) MB")
            }
        }
        return "report: \(figures.joined(separator: ", ")) (medians of \(starts); "
            + "goal for 800000: 1 s)"
    }
}
