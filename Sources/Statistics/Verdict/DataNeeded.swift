// SPDX-License-Identifier: GPL-3.0-or-later

/// What has to grow, and to how much, until an experiment decides with a power of 0.8 when the
/// truth is its estimate: by a difference or, within the margin, by equivalence.
public enum DataNeeded: Sendable, Equatable {
    /// So many blocks in all.
    case blocks(Int)
    /// So many rounds of the same length.
    case rounds(Int)
    /// As many rounds as there are, of so many blocks each.
    case roundBlocks(Int)

    /// - Parameter blocks: how many the units are made of.
    /// - Returns: nil where no number of them decides.
    init?(_ units: Units, blocks: Int, margin: EquivalenceMargin) throws(StatisticsError) {
        let moments = try Moments(units.values)
        let goals = [
            (Planning.Goal.difference, abs(moments.mean)),
            (.equivalence, margin.room(around: moments.mean)),
        ]
        var fewest: Int?
        var longer: Int?
        for (goal, distance) in goals {
            let units = try Planning.blocks(
                distance: distance, deviation: moments.deviation, goal: goal)
            fewest = [fewest, units].compactMap { $0 }.min()
        }
        guard let fewest else { return nil }
        guard units.kind == .rounds else {
            self = .blocks(fewest * ((blocks + moments.count - 1) / moments.count))
            return
        }
        if let spread = units.spread, spread.isMostlyWithin, moments.count >= Verdict.leastUnits {
            for (goal, distance) in goals {
                let blocks = Planning.roundBlocks(
                    distance: distance, spread: spread, rounds: moments.count, goal: goal)
                longer = [longer, blocks].compactMap { $0 }.min()
            }
        }
        self = longer.map(Self.roundBlocks) ?? .rounds(max(fewest, Verdict.leastUnits))
    }
}

extension Planning {
    /// The fewest blocks a round at which so many rounds reach a log distance with a power of 0.8;
    /// nil where the boots alone vary too much.
    static func roundBlocks(
        distance: Double, spread: RoundSpread, rounds: Int, goal: Goal
    ) -> Int? {
        guard distance > 0, let within = spread.within else { return nil }
        let factor = factor(goal, degreesOfFreedom: Double(rounds - 1), power: 0.8)
        let variance = distance * distance * Double(rounds) / (factor * factor)
        let room = variance - spread.between * spread.between
        let blocks = (within * within / room).rounded(.up)
        return room > 0 && blocks < Double(mostBlocks) ? max(1, Int(blocks)) : nil
    }
}
