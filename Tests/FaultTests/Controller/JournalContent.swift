// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import LabSupport
import Linux
import Verdicts

/// What a journal holds but for figures: what an experiment of one seed always comes to.
struct JournalContent {
    private let plan: Plan
    private let ending: JournalEvent.Ending.State?
    /// The cells in the order in which they first ran.
    private let cells: [String]
    /// By cell the numbers of a run's slices in the order in which they ran.
    private let slices: [String: [Int]]
    /// By cell the numbers of the blocks that count.
    private let counted: [String: [Int]]
    /// By cell the number of void blocks.
    private let voids: [String: Int]
    /// By cell and block the arms of whole blocks in their order.
    private let arms: [String: [Int: [Arm?]]]
    /// The cells of the report of a comparison.
    private let rows: [String]

    /// Reads a journal and has it reported.
    init(_ path: String) throws {
        let journal = try StoredJournal(readingFrom: path)
        var plan = journal.header.plan
        plan.arguments = []
        // Each experiment has a directory of its own, with its knob in it.
        for place in plan.comparison?.knobs.indices ?? 0..<0 {
            plan.comparison?.knobs[place].target = "knob"
        }
        plan.comparison?.arms.a.label = "A"
        plan.comparison?.arms.b.label = "B"
        self.plan = plan
        ending = journal.ending?.state
        var cells: [String] = []
        for slice in journal.slices where !cells.contains(slice.cell) { cells.append(slice.cell) }
        self.cells = cells
        slices = Dictionary(grouping: journal.slices, by: \.cell).mapValues { $0.map(\.number) }
        let blocks = plan.kind == .run ? [] : journal.blocks
        let names = plan.suite.cells.map(\.name)
        let byCell = Dictionary(uniqueKeysWithValues: zip(names, blocks))
        counted = byCell.mapValues { $0.filter(\.state.isCounted).map(\.number) }
        voids = byCell.mapValues { $0.count(where: \.state.isVoid) }
        arms = byCell.mapValues { blocks in
            let whole = blocks.filter { $0.slices.count == Block.length }
            return Dictionary(uniqueKeysWithValues: whole.map { ($0.number, $0.slices.map(\.arm)) })
        }
        rows = plan.kind == .run ? [] : try Self.rows(path)
    }

    /// The names in the report's lines, which have the verdict in front of them.
    private static func rows(_ path: String) throws -> [String] {
        let report = try Command.run([Built.plumbline, "report", path, "--format", "gate"])
        return report.output.split(separator: "\n").map { line in
            String(line.split(separator: "\t").dropFirst().first ?? "")
        }
    }

    /// In what it differs from the content of an undisturbed run of the same seed.
    func differences(from whole: JournalContent) -> [String] {
        var found: [String] = []
        if plan != whole.plan { found.append("another plan") }
        if ending != .finished {
            found.append("it ended as \(ending.map { "\($0)" } ?? "nothing")")
        }
        if cells != whole.cells { found.append("cells in the order \(cells)") }
        if rows != whole.rows { found.append("the report's rows \(rows)") }
        for cell in whole.cells {
            if plan.kind == .run {
                let numbers = slices[cell] ?? []
                if numbers != whole.slices[cell] { found.append("\(cell): slices \(numbers)") }
                continue
            }
            let (mine, others) = (counted[cell] ?? [], whole.counted[cell] ?? [])
            // On a busy machine a cell may end early, by as many void blocks.
            let isShort = max(voids[cell] ?? 0, whole.voids[cell] ?? 0) >= 6
            if mine.count != others.count, !isShort {
                found.append("\(cell): \(mine.count) blocks count")
            }
            for (block, order) in arms[cell] ?? [:] {
                guard let other = whole.arms[cell]?[block], other != order else { continue }
                found.append("\(cell): block \(block) is \(order)")
            }
        }
        return found
    }
}
