// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics

/// A cell's blocks sorted by what they are good for, before anything is judged.
struct CellBlocks: VoidTally {
    /// Log ratios of the blocks that count.
    private(set) var effects: [Double] = []
    /// The numbers of those blocks.
    private(set) var numbers: [Int] = []
    /// For each block that counts the round of boots it ran in; empty when all ran in one boot.
    private(set) var rounds: [Int] = []
    /// Whether the blocks belong to rounds of boots.
    private(set) var hasRounds: Bool
    /// Log ratios of all blocks but warm-ups, void ones included where they have a ratio.
    private(set) var effectsWithVoids: [Double] = []
    /// Log ratios of the second machine to the first, one a round, where two swap kernels.
    private(set) var machineEffects: [Double] = []
    /// Each arm's slices in blocks that count.
    private(set) var arms = ArmTotals()
    /// The same for each unit, a round of boots or a block.
    private(set) var units: [(a: ArmTotal, b: ArmTotal)] = []
    private var lastUnit: Int?
    /// Blocks with a void slice.
    private(set) var voids = 0
    /// Blocks that are no warm-up.
    private var seen = 0
    /// Blocks that ended early, or whose round of boots did.
    private(set) var incomplete = 0
    /// Why a block that ought to count has no effect; the first one.
    private(set) var unusable: String?
    /// An example of each void's reason in words.
    private(set) var details: [String: String] = [:]

    /// - Parameter roundBlocks: blocks in a whole round of boots; nil where all ran in one boot.
    init(_ blocks: [Block], roundBlocks: Int? = nil) {
        hasRounds = roundBlocks != nil || blocks.contains { $0.round != nil }
        let whole = WholeRounds(
            blocks.lazy.filter(\.state.isCounted).map(\.round), blocks: roundBlocks)
        // With the baseline on the first of two machines, the second, or on neither.
        var signs: [Double] = []
        var isSwapped: [Bool] = []
        for block in blocks {
            if block.state == .warmup { continue }
            seen += 1
            count(block)
            switch block.state {
            case .counted where !whole.contains(block.round): incomplete += 1
            case .counted(let effect):
                effects.append(effect.logRatio)
                numbers.append(block.number)
                if let round = block.round { rounds.append(round) }
                if let swapped = block.isSwapped { isSwapped.append(swapped) }
                effectsWithVoids.append(effect.logRatio)
                signs.append(block.machineSign)
                for slice in block.slices { arms.add(slice) }
                addToUnit(block)
            case .void(let reasons):
                if let why = reasons[Block.noFigure] {
                    unusable = unusable ?? why
                    continue
                }
                voids += 1
                guard let effect = block.effect else { continue }
                effectsWithVoids.append(effect.logRatio)
                signs.append(block.machineSign)
            case .incomplete: incomplete += 1
            case .warmup: break
            }
        }
        guard !isSwapped.isEmpty, isSwapped.count == effects.count, rounds.count == effects.count
        else { return }
        let crossover = CrossoverEffects(effects: effects, rounds: rounds, isSwapped: isSwapped)
        (effects, machineEffects) = (crossover.effects, crossover.machines)
        let mean = machineEffects.reduce(0, +) / Double(max(1, machineEffects.count))
        for place in signs.indices { effectsWithVoids[place] -= signs[place] * mean }
    }

    private mutating func addToUnit(_ block: Block) {
        let unit = block.round ?? block.number
        if unit != lastUnit { units.append((ArmTotal(), ArmTotal())) }
        lastUnit = unit
        for slice in block.slices {
            if slice.arm == .b {
                units[units.count - 1].b.add(slice)
            } else {
                units[units.count - 1].a.add(slice)
            }
        }
    }

    private mutating func count(_ block: Block) {
        for slice in block.slices {
            arms.count(slice)
            for (reason, detail) in slice.reasons { details[reason] = details[reason] ?? detail }
        }
    }

    /// What the verdict is made from.
    var observations: Observations {
        Observations(effects: effects, rounds: rounds, voids: balance)
    }

    /// The arm that is missing in more than a first block.
    var missingArm: Arm? {
        guard seen > 1, effects.isEmpty else { return nil }
        return Arm.allCases.first { arm in
            arms[arm].valid + arms[arm].void == 0
        }
    }

    var allVoid: PlumblineError? {
        guard effects.isEmpty, voids > 0 else { return nil }
        return .failure("all \(voids) blocks are void", remedy: "see the reasons")
    }
}

extension Block {
    /// How what two machines differ by enters the block's effect.
    fileprivate var machineSign: Double { isSwapped.map { $0 ? -1 : 1 } ?? 0 }
}
