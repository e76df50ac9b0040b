// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

extension Bench {
    /// A line with the cost of `plumbline compare` of long journals: the file's size, the median
    /// time, and the most resident memory.
    static func reportCost(_ programs: Programs) throws(PlumblineError) -> String {
        let starts = 3
        var journal = try LongJournal(programs)
        defer { journal.remove() }
        var figures: [String] = []
        for length in [10_000, 100_000] {
            try journal.grow(to: length)
            let cost = try Programs.cost(
                of: [programs.plumbline, "compare", journal.path], starts: starts, codes: [0, 3, 4])
            figures.append(
                "\(length) slices (\(journal.bytes / 1_000_000) MB) in "
                    + "\(Decimal.time(nanoseconds: cost.time)) and "
                    + "\(cost.resident / 1_000_000) MB")
        }
        return "report: \(figures.joined(separator: ", ")) (medians of \(starts); "
            + "goals for 100000: 1 s, 150 MB)"
    }
}
