// SPDX-License-Identifier: GPL-3.0-or-later

/// What counts as one independent observation: rounds of boots or, in one boot, blocks or pairs.
public struct Units: Sendable, Equatable {
    /// What a unit is.
    public enum Kind: String, Sendable {
        /// A block.
        case blocks
        /// The mean of two adjacent blocks, because neighbours resemble each other.
        case pairs
        /// The mean of a round's blocks.
        case rounds
    }

    /// What they are.
    public let kind: Kind
    /// One log ratio each.
    public let values: [Double]
    /// How the blocks depend on each other.
    public let dependence: Dependence
    /// How the rounds' spread divides; nil for other units, and for one round.
    public let spread: RoundSpread?
    /// `stillDependent`.
    public let warnings: [StatisticsWarning]

    /// Takes the units by the rule fixed in advance: rounds where the blocks have them, else pairs
    /// when the autocorrelation is high, else blocks.
    ///
    /// - Throws: `tooFewValues` below two blocks; `notFinite`; `lengthsDiffer`.
    public init(_ observations: Observations) throws(StatisticsError) {
        let effects = observations.effects
        dependence = try Dependence(effects)
        guard observations.rounds.isEmpty || observations.rounds.count == effects.count else {
            throw .lengthsDiffer(effects.count, observations.rounds.count)
        }
        var warnings: [StatisticsWarning] = []
        if !observations.rounds.isEmpty {
            let rounds = observations.grouped
            kind = .rounds
            values = rounds.map { $0.reduce(0, +) / Double($0.count) }
            spread = rounds.count > 1 ? try RoundSpread(rounds) : nil
        } else if dependence.isHigh, effects.count >= 4 {
            kind = .pairs
            values = Dependence.pairs(effects)
            spread = nil
            let after = try Dependence(values)
            if after.isHigh { warnings.append(.stillDependent(after.autocorrelation)) }
        } else {
            kind = .blocks
            values = effects
            spread = nil
        }
        self.warnings = warnings
    }
}

/// What a verdict is made from.
public struct Observations: Sendable, Equatable {
    /// One log ratio a block (`BlockEffect.logRatio`), in the order in which the blocks ran.
    public var effects: [Double]
    /// For each block the number of its round of boots; empty when all ran in one boot.
    public var rounds: [Int]
    /// How void blocks fell on the arms, where that is known.
    public var voids: VoidBalance?

    /// Observations.
    public init(effects: [Double], rounds: [Int] = [], voids: VoidBalance? = nil) {
        self.effects = effects
        self.rounds = rounds
        self.voids = voids
    }

    /// What a rule of stopping counts: rounds where the blocks have them, else blocks.
    public var count: Int { rounds.isEmpty ? effects.count : Set(rounds).count }

    /// The first so many rounds or blocks alone.
    func first(_ count: Int) -> Observations {
        guard !rounds.isEmpty else {
            return Observations(effects: Array(effects.prefix(count)), voids: voids)
        }
        var seen: Set<Int> = []
        let end = rounds.firstIndex { seen.insert($0).inserted && seen.count > count }
        return Observations(
            effects: Array(effects.prefix(end ?? effects.count)),
            rounds: Array(rounds.prefix(end ?? rounds.count)), voids: voids)
    }

    /// Each round's effects, in the rounds' order.
    fileprivate var grouped: [[Double]] {
        var places: [Int: Int] = [:]
        var groups: [[Double]] = []
        for (effect, round) in zip(effects, rounds) {
            if let place = places[round] {
                groups[place].append(effect)
            } else {
                places[round] = groups.count
                groups.append([effect])
            }
        }
        return groups
    }
}
