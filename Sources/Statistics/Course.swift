// SPDX-License-Identifier: GPL-3.0-or-later

/// Which blocks a verdict rests on, and what was known of them before.
struct Course {
    let standing: Standing
    let blocks: Int
    let level: Double
    let repeatedP: Double
    let look: Int?
    let mayDecide: Bool

    init(_ all: Observations, _ rule: VerdictRule) throws(StatisticsError) {
        switch rule.stopping {
        case .fixed: try self.init(fixed: all, rule.margin)
        case .budget(let plan): try self.init(plan, all, rule.margin)
        case .openEnded(let sequence): try self.init(sequence, all, rule.margin)
        }
    }

    private init(fixed all: Observations, _ margin: EquivalenceMargin) throws(StatisticsError) {
        blocks = all.effects.count
        mayDecide = blocks >= Verdict.leastBlocks
        level = mayDecide ? 0.05 : 0
        standing = try Standing(all, difference: level, equivalence: level, margin: margin)
        repeatedP = standing.p
        look = nil
    }

    private init(
        _ plan: LookPlan, _ all: Observations, _ margin: EquivalenceMargin
    ) throws(StatisticsError) {
        let reached = plan.looks.filter { $0.blocks <= all.effects.count }
        var seen: [(p: Double, share: Double)] = []
        for (index, look) in reached.enumerated() {
            let standing = try Standing(
                all.first(look.blocks), difference: look.differenceLevel,
                equivalence: look.equivalenceLevel, margin: margin)
            seen.append((standing.p, look.share))
            guard standing.isDecided || index == reached.count - 1 else { continue }
            self.standing = standing
            blocks = look.blocks
            level = look.differenceLevel
            repeatedP = GroupSequential.repeatedP(seen)
            self.look = look.number
            mayDecide = true
            return
        }
        blocks = all.effects.count
        standing = try Standing(all, difference: 0, equivalence: 0, margin: margin)
        level = 0
        repeatedP = 1
        look = nil
        mayDecide = false
    }

    private init(
        _ sequence: TMixture, _ all: Observations, _ margin: EquivalenceMargin
    ) throws(StatisticsError) {
        blocks = all.effects.count
        mayDecide = blocks >= Verdict.leastBlocks
        level = mayDecide ? sequence.level : 0
        standing = try Standing(all, sequence: sequence, mayDecide: mayDecide, margin: margin)
        // Only looks that may decide count. A unit may be two blocks or a whole round.
        let units = standing.units.values
        let first = Verdict.leastBlocks / max(1, blocks / units.count)
        repeatedP =
            mayDecide ? try sequence.alwaysValidP(units, from: min(max(2, first), units.count)) : 1
        look = nil
    }
}
