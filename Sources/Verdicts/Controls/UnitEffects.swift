// SPDX-License-Identifier: GPL-3.0-or-later

import Statistics

/// A cell's log effects, one for each unit: a machine of a fleet, a round of boots or, in one boot, a
/// block or a pair.
struct UnitEffects: Sendable, Equatable {
    /// In the order in which they were measured.
    let values: [Double]
    /// The number of each one's round or machine; empty in one boot.
    private let rounds: [Int]

    /// Effects of units that are known.
    ///
    /// - Parameter rounds: the number of each one's round; empty in one boot.
    init(_ values: [Double], rounds: [Int] = []) {
        self.values = values
        self.rounds = rounds
    }

    /// Whether each is a round's or a machine's.
    var areRounds: Bool { !rounds.isEmpty }

    /// The effects on the reciprocal of what was measured.
    var reversed: UnitEffects { UnitEffects(values.map { -$0 }, rounds: rounds) }

    /// The effects of the blocks that count.
    init(_ blocks: CellBlocks) {
        values = (try? Units(blocks.observations))?.values ?? []
        var seen: Set<Int> = []
        rounds = blocks.rounds.filter { seen.insert($0).inserted }
    }

    /// The mean effect on each machine of a fleet; nil where nothing counts.
    init(machines: [Double?]) {
        values = machines.compactMap { $0 }
        rounds = machines.indices.filter { machines[$0] != nil }
    }

    /// The effect of one cell less that of another: by the rounds that both measured or, in one
    /// boot, by Welch's test.
    ///
    /// - Returns: nil below the units that a verdict needs.
    static func difference(from a: UnitEffects, to b: UnitEffects) -> StudentT? {
        if a.rounds.isEmpty, b.rounds.isEmpty {
            guard min(a.values.count, b.values.count) >= Verdict.leastUnits else { return nil }
            return try? StudentT.welch(from: a.values, to: b.values)
        }
        let earlier = Dictionary(uniqueKeysWithValues: zip(a.rounds, a.values))
        let pairs = zip(b.rounds, b.values).compactMap { round, value in
            earlier[round].map { value - $0 }
        }
        return pairs.count < Verdict.leastUnits ? nil : try? StudentT(pairs)
    }
}
