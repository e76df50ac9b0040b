// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics
import Verdicts

/// What counts so far of one cell, and whether the cell is done.
struct CellProgress {
    /// Blocks in one boot after which the warm-up is judged, and before which no rule looks.
    private static let checkedBlocks = 10
    /// How often a warm-up is extended at most.
    private static let mostExtensions = 3
    /// Void blocks that are made good for beyond as many as counted.
    private static let toleratedVoids = 6

    /// The number of the next block; of a run, that of the next slice.
    private(set) var nextBlock = 0
    /// Void blocks.
    private(set) var voids = 0
    /// Whether nothing more is to be done.
    private(set) var isDone = false
    /// The number of the next visit.
    private(set) var nextVisit = 0
    /// Slices of each arm, void ones and warm-ups included.
    private var slices: [Arm: Int] = [:]
    private var counted: [(number: Int, round: Int?, effect: BlockEffect)] = []
    private var extensions = 0
    /// The round of boots; nil where all run in one.
    private var round: Int?
    /// Blocks that are to count in the round by the end of the boot that runs.
    private var due = 0
    private var hasGivenUp = false
    private let plan: Plan
    /// The most slices of a run, or blocks of a comparison, that count.
    private let limit: Int
    /// By which a comparison is judged; nil for a run.
    private let rule: VerdictRule?

    /// A cell's start.
    ///
    /// - Throws: `failure` for a comparison that no rule can be made of.
    init(_ plan: Plan) throws(PlumblineError) {
        self.plan = plan
        limit = plan.comparison?.limit ?? plan.suite.slices
        rule = try plan.comparison.map { (comparison) throws(PlumblineError) in
            try ComparisonRule(comparison, cells: plan.suite.cells.count, of: plan).verdict
        }
    }

    /// The slices or blocks that are left at most.
    var left: Int { isDone ? 0 : max(0, limit - (rule == nil ? nextBlock : counted.count)) }

    /// The boots of both arms that are left at most after the one that runs.
    var bootsLeft: Int {
        guard let each = plan.bootBlocks else { return 0 }
        return max(0, (left + each - 1) / each - (round == nil ? 0 : 1))
    }

    /// What the blocks so far say; nil for a cell that has no block in this round of boots.
    var estimate: CellEstimate? {
        guard let comparison = plan.comparison, comparison.rule != .repeated,
            let last = counted.last, last.round == round
        else { return nil }
        let planned = plan.bootsRounds ? comparison.rounds ?? limit : limit
        return CellEstimate(observations, countsRounds: plan.bootsRounds, planned: planned)
    }

    /// Whether it goes on in this round of boots.
    var wantsBlock: Bool {
        guard !isDone else { return false }
        guard let round else { return true }
        return counted.count { $0.round == round } < due
    }

    /// Whether a block counts so far.
    var hasCounted: Bool { !counted.isEmpty }

    /// The numbers of the blocks of the next visit.
    ///
    /// - Parameter warmups: blocks before those that count.
    func nextBlocks(atMost most: Int, warmups: Int) -> Range<Int> {
        var wanted = left
        if let round {
            wanted = min(wanted, due - counted.count { $0.round == round })
        }
        return nextBlock..<nextBlock + max(1, min(most, wanted + warmups))
    }

    /// Notes that a visit begins.
    mutating func beginVisit() { nextVisit += 1 }

    /// The next slice's number on an arm.
    func slices(_ arm: Arm) -> Int { slices[arm] ?? 0 }

    /// Notes that a slice ran.
    mutating func add(_ slice: SliceSummary) {
        let arm = slice.arm ?? .a
        slices[arm] = max(slices(arm), slice.number + 1)
        nextVisit = max(nextVisit, slice.visit + 1)
        nextBlock = max(nextBlock, (slice.block ?? slice.number) + 1)
        if rule == nil { isDone = nextBlock >= limit }
    }

    /// Notes that a cell cannot go on.
    mutating func giveUp() {
        hasGivenUp = true
        isDone = true
    }

    /// Begins a boot of a round.
    ///
    /// - Parameter boot: which boot of the round it is, from 1.
    mutating func begin(round: Int, boot: Int) {
        self.round = round
        due = boot * (plan.bootBlocks ?? 0)
    }

    /// Leaves out what a round measured, so that another one makes good for it.
    mutating func void(round: Int) {
        let before = counted.count
        counted.removeAll { $0.round == round }
        if !hasGivenUp, counted.count < before { isDone = false }
    }

    /// Notes that a block ran.
    ///
    /// - Returns: the first block that counts from now on, when the warm-up had to be extended.
    mutating func add(_ block: Block) -> Int? {
        switch block.state {
        case .warmup, .incomplete: return nil
        case .void:
            voids += 1
        case .counted(let effect): counted.append((block.number, block.round, effect))
        }
        if let first = unfinishedWarmup() {
            extend(to: first)
            return first
        }
        isDone = voids >= counted.count + Self.toleratedVoids
        if !plan.bootsRounds, counted.count >= min(limit, Self.checkedBlocks) { look() }
        return nil
    }

    /// Ends a round of boots, which is the one time to look: a round that ended early does not
    /// count.
    mutating func endRound() {
        guard let blocks = plan.roundBlocks else { return }
        let whole = WholeRounds(counted.map(\.round), blocks: blocks)
        counted.removeAll { !whole.contains($0.round) }
        look()
    }

    /// Looks at what counts, and is done where the rule or the limit says so.
    private mutating func look() { isDone = isDone || counted.count >= limit || mayStop }

    /// Leaves out the blocks before this one.
    mutating func extend(to first: Int) {
        extensions += 1
        counted.removeAll { $0.number < first }
        isDone = false
    }

    /// The first block that counts when those before it ran at another level.
    ///
    /// Checked once, when ten blocks are there: no rule looks before, so that no decision rests on
    /// blocks that are left out afterwards.
    private func unfinishedWarmup() -> Int? {
        guard !plan.bootsRounds, counted.count == Self.checkedBlocks,
            extensions < Self.mostExtensions,
            let check = try? WarmUp(levels: counted.map(\.effect.level)), check.isUnfinished
        else { return nil }
        return counted[Self.checkedBlocks / 5].number
    }

    private var observations: Observations {
        Observations(effects: counted.map(\.effect.logRatio), rounds: counted.compactMap(\.round))
    }

    private var mayStop: Bool {
        guard let rule, rule.stopping.stopsEarly else { return false }
        return (try? Verdict.mayStop(observations, rule: rule)) ?? false
    }
}

extension CellProgress {
    /// How far a cell of a journal is, and where a kill kept a warm-up's extension out of it.
    ///
    /// A cell of a run that failed is tried again; one over which a kernel failed is not.
    static func resumed(
        _ plan: Plan, cell: String, from journal: StoredJournal,
        blocks: [Block]
    ) throws(PlumblineError) -> (progress: CellProgress, extensions: [WarmupExtension]) {
        var progress = try CellProgress(plan)
        if plan.kind == .run {
            let place = plan.suite.cells.firstIndex { $0.name == cell }
            for slice in place.map(journal.slices(of:)) ?? [] { progress.add(slice) }
            return (progress, [])
        }
        var extensions: [WarmupExtension] = []
        if let first = journal.firstBlocks[cell] { progress.extend(to: first) }
        for block in blocks {
            for slice in block.slices { progress.add(slice) }
            if block.isInVoidRound { continue }
            if !progress.isDone, let first = progress.add(block) {
                extensions.append(.init(cell: cell, firstBlock: first))
            }
        }
        progress.endRound()
        let failures = journal.failures.filter { $0.cell == cell }.map(\.error)
        if journal.voidRounds.contains(where: { failures.contains($0.error) }) { progress.giveUp() }
        return (progress, extensions)
    }
}
