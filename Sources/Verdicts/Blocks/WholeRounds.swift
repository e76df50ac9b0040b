// SPDX-License-Identifier: GPL-3.0-or-later

/// The rounds of boots in which a cell has all its blocks.
///
/// A round that ended early is no unit, as a short block is no block: another one is measured in
/// its place.
public struct WholeRounds: Sendable {
    /// nil where all ran in one boot.
    private let rounds: Set<Int>?

    /// Finds them among the rounds of the blocks that count.
    ///
    /// - Parameter blocks: how many a whole round has; nil where all ran in one boot.
    public init(_ rounds: some Sequence<Int?>, blocks: Int?) {
        guard let blocks else {
            self.rounds = nil
            return
        }
        var counts: [Int: Int] = [:]
        for case let round? in rounds { counts[round, default: 0] += 1 }
        self.rounds = Set(counts.filter { $0.value >= blocks }.keys)
    }

    /// Whether blocks of this round count.
    public func contains(_ round: Int?) -> Bool {
        guard let rounds, let round else { return true }
        return rounds.contains(round)
    }
}
