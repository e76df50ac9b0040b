// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics
import Verdicts

/// How far one cell of a comparison is: what counts so far, and whether it goes on.
struct CellCourse {
    /// Blocks after which the warm-up is judged.
    static let checkedBlocks = 10
    /// How often a warm-up is extended at most.
    private static let mostExtensions = 3
    /// Void blocks that are made good for beyond as many as counted.
    private static let toleratedVoids = 6

    /// The number of the next block.
    private(set) var nextBlock = 0
    /// Void blocks.
    private(set) var voids = 0
    /// Whether nothing more is to be done.
    private(set) var isDone = false
    /// Visits of each arm, void ones and warm-ups included.
    private var visits: [Arm: Int] = [:]
    private var counted: [(number: Int, round: Int?, effect: BlockEffect)] = []
    private var extensions = 0
    /// The round of boots; nil where all run in one.
    private var round: Int?
    private var hasGivenUp = false
    /// Rounds that are planned, and the blocks of one.
    private let rounds: Int
    /// Whether all runs in one boot, whose warm-up is checked.
    private let isToggle: Bool
    private let roundBlocks: Int
    private let limit: Int
    private let countsInstructions: Bool
    private let rule: VerdictRule

    /// A cell's start.
    ///
    /// - Parameter cells: how many cells share the error rate.
    init(_ comparison: ComparisonRecord, cells: Int, seed: UInt64) throws(PlumblineError) {
        limit = comparison.limit
        rounds = comparison.rounds ?? 1
        isToggle = !comparison.knobs.isEmpty
        countsInstructions = comparison.countsInstructions
        roundBlocks = comparison.roundBlocks
        rule = try ComparisonRule(comparison, cells: cells, seed: seed).verdict
    }

    /// How many blocks count.
    var blocks: Int { counted.count }

    /// Whether it goes on in this round of boots.
    var wantsBlock: Bool {
        !isDone && (round == nil || counted.count { $0.round == round } < roundBlocks)
    }

    /// The next visit's number on an arm.
    func visit(_ arm: Arm) -> Int { visits[arm] ?? 0 }

    /// Notes that a slice ran.
    mutating func add(_ slice: SliceRecord) {
        guard let arm = slice.arm else { return }
        visits[arm] = max(visit(arm), slice.visit + 1)
        if let block = slice.block { nextBlock = max(nextBlock, block + 1) }
    }

    /// Notes that a cell cannot go on.
    mutating func giveUp() {
        hasGivenUp = true
        isDone = true
    }

    /// Begins a round of boots.
    mutating func begin(round: Int) { self.round = round }

    /// Leaves out what a round measured, so that another one makes good for it.
    mutating func void(round: Int) {
        let before = counted.count
        counted.removeAll { $0.round == round }
        if !hasGivenUp, counted.count < before { isDone = false }
    }

    /// Takes in a block that ran.
    ///
    /// - Returns: the first block that counts from now on, when the warm-up had to be extended.
    mutating func add(_ block: BlockRecord) -> Int? {
        switch block.state {
        case .warmup, .incomplete: return nil
        case .void:
            voids += 1
        case .counted:
            // A figure of zero in an arm is as void as an instrument's failure.
            if let effect = effect(block) {
                counted.append((block.number, block.round, effect))
            } else {
                voids += 1
            }
        }
        if let first = unfinishedWarmup() {
            extend(to: first)
            return first
        }
        isDone = counted.count >= limit || voids >= counted.count + Self.toleratedVoids || mayStop
        return nil
    }

    /// Leaves out the blocks before this one.
    mutating func extend(to first: Int) {
        extensions += 1
        counted.removeAll { $0.number < first }
        isDone = false
    }

    /// The first block that counts when those before it ran at another level.
    ///
    /// Looked at once, when ten blocks are there: no look is taken before, so that no decision
    /// rests on blocks that are left out afterwards.
    private func unfinishedWarmup() -> Int? {
        guard isToggle, counted.count == Self.checkedBlocks, extensions < Self.mostExtensions,
            let check = try? WarmUp(levels: counted.map(\.effect.level)), check.isUnfinished
        else { return nil }
        return counted[Self.checkedBlocks / 5].number
    }

    private var mayStop: Bool {
        if !rule.stopping.stopsEarly { return false }
        let seen = counted.compactMap(\.round)
        guard counted.count >= min(limit, Self.checkedBlocks),
            rounds == 1 || Set(seen).count >= rounds
        else { return false }
        let effects = counted.map(\.effect.logRatio)
        return (try? Verdict.mayStop(Observations(effects: effects, rounds: seen), rule: rule))
            ?? false
    }

    private func effect(_ block: BlockRecord) -> BlockEffect? {
        func totals(_ arm: Arm) -> [SliceTotal] {
            block.slices.filter { $0.arm == arm }.map {
                SliceTotal(
                    operations: $0.operations, interval: $0.interval,
                    instructions: $0.evidence.kernelInstructions, counts: countsInstructions)
            }
        }
        return try? BlockEffect(a: totals(.a), b: totals(.b))
    }
}

extension CellCourse {
    /// How far each cell of a journal is, and the extensions that a kill kept out of it.
    static func courses(
        of journal: StoredJournal, _ suite: SuiteRecord, _ comparison: ComparisonRecord
    ) throws(PlumblineError) -> ([CellCourse], [WarmupExtension]) {
        let blocks = journal.blocksByCell
        let voidRounds = journal.voidRounds.map(\.round)
        let fresh = try CellCourse(
            comparison, cells: suite.cells.count, seed: journal.header.seed)
        var courses: [CellCourse] = []
        var extensions: [WarmupExtension] = []
        for cell in suite.cells {
            var course = fresh
            if let first = journal.firstBlocks[cell.name] { course.extend(to: first) }
            for block in blocks[cell.name] ?? [] {
                for slice in block.slices { course.add(slice) }
                if let round = block.round, voidRounds.contains(round) { continue }
                if !course.isDone, let first = course.add(block) {
                    extensions.append(.init(cell: cell.name, firstBlock: first))
                }
            }
            // A kernel that failed under a cell is not tried again.
            if journal.failures.contains(where: { failure in
                failure.cell == cell.name
                    && journal.voidRounds.contains { $0.error == failure.error }
            }) {
                course.giveUp()
            }
            courses.append(course)
        }
        return (courses, extensions)
    }
}
