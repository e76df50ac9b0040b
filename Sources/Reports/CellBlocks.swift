// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics
import Verdicts

/// A cell's blocks sorted by what they are good for, before anything is judged.
struct CellBlocks: VoidTally {
    /// Log ratios of the blocks that count.
    private(set) var effects: [Double] = []
    /// For each block that counts the round of boots it ran in; empty when all ran in one boot.
    private(set) var rounds: [Int] = []
    /// Log ratios of all blocks but warm-ups, void ones included where they have a ratio.
    private(set) var effectsWithVoids: [Double] = []
    /// Each arm's slices in blocks that count.
    private(set) var arms: [Arm: ArmTotal] = [.a: ArmTotal(), .b: ArmTotal()]
    /// Blocks with a void slice.
    private(set) var voids = 0
    /// Blocks that are no warm-up.
    private var seen = 0
    /// Blocks that ended early.
    private(set) var incomplete = 0
    /// Why a block that ought to count has no effect; the first one.
    private(set) var unusable: String?
    /// An example of each void's reason in words.
    private(set) var details: [String: String] = [:]

    init(_ blocks: [Block]) {
        for block in blocks {
            if block.state == .warmup { continue }
            seen += 1
            count(block)
            switch block.state {
            case .counted(let effect):
                effects.append(effect.logRatio)
                if let round = block.round { rounds.append(round) }
                effectsWithVoids.append(effect.logRatio)
                for slice in block.slices { if let arm = slice.arm { arms[arm]?.add(slice) } }
            case .void(let reasons):
                if let why = reasons[Block.noFigure] {
                    unusable = unusable ?? why
                    continue
                }
                voids += 1
                if let effect = block.effect { effectsWithVoids.append(effect.logRatio) }
            case .incomplete: incomplete += 1
            case .warmup: break
            }
        }
    }

    private mutating func count(_ block: Block) {
        for slice in block.slices {
            if let arm = slice.arm { arms[arm]?.count(slice) }
            for (reason, detail) in slice.reasons { details[reason] = details[reason] ?? detail }
        }
    }

    /// The arm that is missing in more than a first block.
    var missingArm: Arm? {
        guard seen > 1, effects.isEmpty else { return nil }
        return Arm.allCases.first { arm in
            arms[arm].map { $0.valid + $0.void == 0 } ?? true
        }
    }

    var allVoid: PlumblineError? {
        guard effects.isEmpty, voids > 0 else { return nil }
        return .failure("all \(voids) blocks are void", remedy: "see the reasons")
    }
}

/// What one arm of a cell did over the slices of the blocks that count.
struct ArmTotal: Sendable, Equatable {
    private(set) var operations = 0.0
    private(set) var bytes = 0.0
    private(set) var seconds = 0.0
    private var instructions: Double?
    private(set) var steal: Int64?
    /// Times that somebody who wanted memory had to reclaim it first.
    private(set) var stalls: UInt64?
    /// Times that a worker had to, and how long that took, in microseconds.
    private(set) var workerStalls: UInt64?
    private(set) var workerStallTime: UInt64?
    /// Slices in which a worker had to.
    private(set) var stalledSlices: Int?
    /// Slices that count, those of void and unfinished blocks among them.
    private(set) var valid = 0
    /// Slices that do not count.
    private(set) var void = 0
    /// Why they do not: the reason's word, and how many slices it voided.
    private(set) var reasons: [String: Int] = [:]
    private var slices = 0.0
    private var sum = 0.0
    private var squares = 0.0

    /// Notes whether a slice counts.
    mutating func count(_ slice: SliceSummary) {
        if slice.isValid { valid += 1 } else { void += 1 }
        for reason in slice.reasons.keys { reasons[reason, default: 0] += 1 }
    }

    /// Adds a slice of a block that counts.
    mutating func add(_ slice: SliceSummary) {
        let total = SliceTotal(slice, countsInstructions: false)
        operations += total.operations
        bytes += Double(slice.bytes)
        seconds += total.seconds
        if let count = slice.instructions { instructions = (instructions ?? 0) + Double(count) }
        if let ticks = slice.steal { steal = (steal ?? 0) + ticks }
        if let times = slice.stalls { stalls = (stalls ?? 0) &+ times }
        if let times = slice.workerStalls {
            workerStalls = (workerStalls ?? 0) &+ times
            stalledSlices = (stalledSlices ?? 0) + (times > 0 ? 1 : 0)
        }
        if let time = slice.workerStallTime { workerStallTime = (workerStallTime ?? 0) &+ time }
        let rate = total.operations / total.seconds
        slices += 1
        sum += rate
        squares += rate * rate
    }

    /// Operations a second.
    var rate: Double? { seconds > 0 ? operations / seconds : nil }
    /// Bytes a second.
    var bandwidth: Double? { seconds > 0 ? bytes / seconds : nil }
    /// The kernel's instructions for an operation, where they were counted.
    var instructionsPerOperation: Double? {
        operations > 0 ? instructions.map { $0 / operations } : nil
    }
    /// The slices' standard deviation as a fraction of their mean.
    var variation: Double? {
        guard slices > 1, sum > 0 else { return nil }
        let variance = max(0, squares - sum * sum / slices) / (slices - 1)
        return variance.squareRoot() / (sum / slices)
    }
    /// Stalls of direct reclaim a second.
    var stallRate: Double? { seconds > 0 ? stalls.map { Double($0) / seconds } : nil }
    /// Stalls of the workers a second.
    var workerStallRate: Double? {
        seconds > 0 ? workerStalls.map { Double($0) / seconds } : nil
    }
    /// How long all workers together stalled, milliseconds a second.
    var workerStallShare: Double? {
        seconds > 0 ? workerStallTime.map { Double($0) / 1000 / seconds } : nil
    }
    /// CPU time that the hypervisor took, in seconds a second.
    var stolen: Double? { seconds > 0 ? steal.map { Double($0) / 100 / seconds } : nil }
}
