// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// The cost of the verdicts of a long journal: time and memory of `plumbline compare`.
enum ReportFigures {
    static let name = "report"

    private static let starts = 3
    /// The lengths of the journal, in slices.
    private static let lengths = [10_000, 100_000]

    /// One line: for each length the file's size, the median time, and the most resident memory.
    static func line(_ programs: Programs) throws(PlumblineError) -> String {
        var journal = try LongJournal(programs)
        defer { journal.remove() }
        var figures: [String] = []
        for length in lengths {
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
