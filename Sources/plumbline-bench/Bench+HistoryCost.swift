// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import Machine
import Verdicts

extension Bench {
    /// The part that `--only` selects.
    static let historyName = "history/trend"

    /// Prints what `plumbline history trend` costs, of one cell and of all six, with a history of
    /// 10,000 experiments: those of one short journal with effects at random, whose level changes
    /// twice.
    static func printHistoryCost(_ programs: Programs) throws(PlumblineError) {
        let (starts, experiments) = (3, 10_000)
        let stem = "\(DataDirectory.standard)/plumbline-bench-history-\(ChildProcess.currentID)"
        let (lines, store) = ("\(stem).jsonl", "\(stem).sqlite")
        defer { for end in ["", "-wal", "-shm"] { try? SystemFile.unlink(store + end) } }
        do {
            defer { try? SystemFile.unlink(lines) }
            try write(experiments, to: lines, programs)
            _ = try Programs.run(
                [programs.plumbline, "history", "import", lines, "--store", store])
        }
        print("history trend of \(experiments) experiments:")
        for (words, options) in [
            ("one cell", ["--cell", "pipe/0"]), ("six cells", []),
            ("a page", ["--format", "html"]),
        ] {
            let cost = try Programs.cost(
                of: [programs.plumbline, "history", "trend", "--store", store] + options,
                starts: starts)
            print("  \(historyName), \(words): \(cost) (median of \(starts); aim: 1 s)")
        }
    }

    /// Writes an export of so many experiments, four a day.
    private static func write(
        _ experiments: Int, to path: String, _ programs: Programs
    ) throws(PlumblineError) {
        var journal = try LongJournal(programs, cells: 6, rounds: 5, blocks: 10)
        defer { journal.remove() }
        for round in 0..<5 { try journal.add(blocks: 2, round: round) }
        var entry = try HistoryEntry(StoredJournal(readingFrom: journal.path))
        let cells = entry.cells
        var bytes: [UInt8] = []
        for number in 0..<experiments {
            entry.experiment.id = "bench-\(number)"
            entry.experiment.startedAt = 1_700_000_000_000_000_000 + number * 21_600_000_000_000
            let level = number < experiments / 3 ? 0.0 : number < experiments / 2 ? -4 : 1
            entry.cells = cells.map { cell in
                var cell = cell
                let effect = level + Double.random(in: -1...1)
                (cell.effect, cell.low, cell.high) = (effect, effect - 1, effect + 1)
                return cell
            }
            bytes += try entry.line()
        }
        do {
            try Descriptor.open(path, [.write, .create, .truncate]).writeAll(bytes)
        } catch {
            throw .failure(
                "\(path): \(error)", remedy: "set TMPDIR to a directory with more free space")
        }
    }
}
