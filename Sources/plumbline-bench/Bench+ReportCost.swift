// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

extension Bench {
    /// The formats of `plumbline report`, the aim of each for 800,000 slices in seconds, and that
    /// for its size in megabytes where there is one.
    private static let formats: [(name: String, seconds: Int, megabytes: Int?)] =
        ["text", "json", "csv", "lkml", "gobench", "ktap", "junit"].map { ($0, 1, nil) }
        + [("html", 5, 3)]
    /// The parts that `--only` selects.
    static let reportNames = formats.map { "report/\($0.name)" }

    /// Prints what `plumbline report` of long journals costs in each format: the median time, the
    /// most resident memory, and the size of what it prints.
    ///
    /// They have 100 cells, and in each of 8 rounds 124 and 1000 slices a cell.
    static func printReportCost(
        _ programs: Programs, of names: [String]
    ) throws(PlumblineError) {
        let (starts, cells, rounds) = (3, 100, 8)
        for blocks in [31, 250] {
            var journal = try LongJournal(
                programs, cells: cells, rounds: rounds, blocks: rounds * blocks)
            defer { journal.remove() }
            for round in 0..<rounds { try journal.add(blocks: blocks, round: round) }
            print("report of \(journal.slices) slices (\(journal.bytes / 1_000_000) MB):")
            for (format, name) in zip(formats, reportNames) where names.contains(name) {
                let cost = try Programs.cost(
                    of: [programs.plumbline, "report", "--format", format.name, journal.path],
                    starts: starts, codes: [0, 3, 4])
                var aims = "\(format.seconds) s"
                if let megabytes = format.megabytes { aims += " and \(megabytes) MB" }
                print("  \(name): \(cost) (median of \(starts); aim for 800000: \(aims))")
            }
        }
    }
}
