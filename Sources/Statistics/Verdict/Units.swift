// SPDX-License-Identifier: GPL-3.0-or-later

/// What counts as one independent observation: blocks, or what has to take their place.
public struct Units: Sendable, Equatable {
    /// What a unit is.
    public enum Kind: String, Sendable {
        /// A block.
        case blocks
        /// The mean of two adjacent blocks, because neighbours resemble each other.
        case pairs
        /// The mean of a round, because the rounds disagree by more than their blocks explain.
        case rounds
    }

    /// What they are.
    public let kind: Kind
    /// One log ratio each.
    public let values: [Double]
    /// How many rounds the blocks come from.
    public let roundCount: Int
    /// How the blocks depend on each other.
    public let dependence: Dependence
    /// Whether the rounds agree; nil with one round, or when they cannot be compared.
    public let heterogeneity: Heterogeneity?
    /// `stillDependent`, `roundsNotCompared`.
    public let warnings: [StatisticsWarning]

    /// Chooses the units by the rules fixed in advance: rounds when Q has p < 0.1, else pairs when
    /// the autocorrelation is high, else blocks.
    ///
    /// - Throws: `tooFewValues` below two blocks; `notFinite`; `lengthsDiffer`.
    public init(_ observations: Observations) throws(StatisticsError) {
        let effects = observations.effects
        dependence = try Dependence(effects)
        guard observations.rounds.isEmpty || observations.rounds.count == effects.count else {
            throw .lengthsDiffer(effects.count, observations.rounds.count)
        }
        let rounds = Self.grouped(effects, observations.rounds)
        roundCount = rounds.count
        let full = rounds.filter { $0.count >= 2 }
        let heterogeneity = full.count >= 2 ? try? Heterogeneity(rounds: full) : nil
        self.heterogeneity = heterogeneity
        var warnings: [StatisticsWarning] = []
        if rounds.count > 1, heterogeneity == nil || full.count < rounds.count {
            warnings.append(.roundsNotCompared)
        }
        if let heterogeneity, heterogeneity.isHigh {
            kind = .rounds
            values = heterogeneity.estimates
        } else if dependence.isHigh, case let pairs = rounds.flatMap(Dependence.pairs),
            pairs.count >= 2
        {
            kind = .pairs
            values = pairs
            let after = try Dependence(pairs)
            if after.isHigh { warnings.append(.stillDependent(after.autocorrelation)) }
        } else {
            kind = .blocks
            values = effects
        }
        self.warnings = warnings
    }

    private static func grouped(_ effects: [Double], _ rounds: [Int]) -> [[Double]] {
        if rounds.isEmpty { return [effects] }
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
