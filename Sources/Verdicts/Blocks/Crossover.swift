// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal

/// Which of two machines that swap kernels an arm had in each block of a cell.
struct Crossover {
    /// By round, for each of its boots, whether the baseline was on the second machine.
    private var boots: [Int: [Bool]] = [:]
    /// By round the blocks so far that count.
    private var counted: [Int: Int] = [:]
    /// Blocks that count in a boot.
    private let blocks: Int

    /// Nil for a journal in which no machines swap kernels.
    init?(_ journal: StoredJournal) {
        guard let machines = journal.header.comparison?.machines,
            let blocks = journal.header.plan.bootBlocks, blocks > 0
        else { return nil }
        self.blocks = blocks
        for round in journal.rounds {
            guard let place = machines.firstIndex(of: round.boots?[.a]?.host ?? "") else {
                continue
            }
            boots[round.round, default: []].append(place > 0)
        }
    }

    /// Whether the baseline was on the second machine in the cell's next block: a boot ends with as
    /// many blocks that count as it is to have.
    mutating func isSwapped(in block: Block) -> Bool? {
        guard let round = block.round, let boots = boots[round] else { return nil }
        let count = counted[round, default: 0]
        if block.state.isCounted { counted[round] = count + 1 }
        return count / blocks < boots.count ? boots[count / blocks] : nil
    }
}

/// What two machines that swap kernels differ by themselves, and the blocks' effects without it.
///
/// With the baseline on the first machine a block shows k + h, else k - h: k is the kernels' log
/// ratio, and h that of the second machine to the first.
struct CrossoverEffects {
    /// The blocks' log ratios without h of their round; a round's mean stays what it was.
    private(set) var effects: [Double]
    /// h, one for each round that has blocks of both kinds, in the rounds' order.
    private(set) var machines: [Double] = []

    /// - Parameters:
    ///   - rounds: the blocks' rounds.
    ///   - isSwapped: as in `Block`.
    init(effects: [Double], rounds: [Int], isSwapped: [Bool]) {
        self.effects = effects
        var order: [Int] = []
        var places: [Int: [[Int]]] = [:]
        for (place, round) in rounds.enumerated() {
            if places[round] == nil { order.append(round) }
            places[round, default: [[], []]][isSwapped[place] ? 1 : 0].append(place)
        }
        for round in order {
            let halves = places[round] ?? []
            let means = halves.filter { !$0.isEmpty }.map { half in
                half.reduce(0) { $0 + effects[$1] } / Double(half.count)
            }
            guard means.count == 2 else { continue }
            let difference = (means[0] - means[1]) / 2
            machines.append(difference)
            for place in halves[0] { self.effects[place] -= difference }
            for place in halves[1] { self.effects[place] += difference }
        }
    }
}
