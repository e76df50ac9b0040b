// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Statistics

@Suite("Statistics keep their symmetries") struct PropertyTests {
    private func sample(_ count: Int, seed: UInt64, grain: Double? = nil) -> [Double] {
        var noise = Noise(seed: seed)
        return (0..<count).map { _ in
            let value = noise.normal() + 0.3
            return grain.map { (value / $0).rounded() * $0 } ?? value
        }
    }

    static let seeds: Range<UInt64> = 0..<20

    @Test("swapping the arms turns every effect and verdict round", arguments: seeds)
    func swap(seed: UInt64) throws {
        let margin = try EquivalenceMargin(fraction: 0.02)
        let rule = VerdictRule(stopping: FixedSample(), margin: margin)
        let d = sample(20, seed: seed).map { $0 / 20 }
        let there = try Verdict.judge(Observations(effects: d), rule: rule)
        let back = try Verdict.judge(Observations(effects: d.map { -$0 }), rule: rule)
        #expect(near(there.estimate.estimate, -back.estimate.estimate, 1e-15))
        #expect(near(there.p, back.p, 1e-12))
        #expect(near(there.hodgesLehmann.estimate, -back.hodgesLehmann.estimate, 1e-15))
        let turned: [Verdict.Outcome: Verdict.Outcome] = [
            .improved: .regressed, .regressed: .improved,
        ]
        #expect(back.outcome == turned[there.outcome] ?? there.outcome)
    }

    @Test("Hodges–Lehmann is the median of all averages, listed", arguments: seeds)
    func hodgesLehmann(seed: UInt64) throws {
        let d = sample(1 + Int(seed) * 3, seed: seed, grain: seed % 2 == 0 ? 0.25 : nil)
        var averages: [Double] = []
        for i in d.indices { for j in i..<d.count { averages.append((d[i] + d[j]) / 2) } }
        averages.sort()
        let n = averages.count
        let median = (averages[(n - 1) / 2] + averages[n / 2]) / 2
        let result = try HodgesLehmann(d)
        #expect(near(result.estimate, median, 1e-15))
    }

    @Test("a sum of any rank is the one at its place in the sorted list")
    func pairSums() {
        let values = sample(14, seed: 2, grain: 0.5).sorted()
        let all = values.indices.flatMap { i in values[i...].map { values[i] + $0 } }.sorted()
        let sums = PairSums(values)
        for rank in 1...all.count { #expect(sums.select(rank: rank) == all[rank - 1]) }
    }

    @Test("drawn sign flips come near the t-test's p, and the same seed gives the same p")
    func signFlip() throws {
        let d = sample(60, seed: 12).map { $0 - 0.1 }
        let flip = try SignFlip(d, seed: 3)
        #expect(near(flip.p, try StudentT(d).p, 0.02))
        #expect(try SignFlip(d, seed: 3) == flip)
        #expect(flip.warnings == [.sampled(draws: 9999)])
    }

    @Test("adjusted p are never smaller than plain ones, and keep their order")
    func multiplicity() throws {
        var noise = Noise(seed: 5)
        let p = (0..<30).map { _ in noise.uniform() * noise.uniform() }
        let order = p.indices.sorted { p[$0] < p[$1] }
        for adjusted in [try Multiplicity.holm(p), try Multiplicity.benjaminiHochberg(p)] {
            #expect(zip(adjusted, p).allSatisfy { $0 >= $1 && $0 <= 1 })
            #expect(zip(order, order.dropFirst()).allSatisfy { adjusted[$0] <= adjusted[$1] })
        }
        #expect(try Multiplicity.confidence(selected: 5, of: 20) == 1 - 0.05 * 5 / 20)
    }

    @Test("the blocks planned for an effect are the first that detect it")
    func planning() throws {
        for percent in [0.5, 1, 2, 7] {
            let needed = try #require(
                try Planning.blocks(
                    distance: Percent.logRatio(ofChange: percent), deviation: 0.05))
            #expect(try Planning.detectable(deviation: 0.05, blocks: needed) <= percent)
            #expect(try Planning.detectable(deviation: 0.05, blocks: needed - 1) > percent)
        }
        #expect(try Planning.blocks(distance: 0, deviation: 0.05) == nil)
        #expect(try Planning.blocks(distance: 0.1, deviation: 0) == 3)
    }

    @Test("a block's effect follows totals, not rates")
    func blockEffect() throws {
        let a = SliceTotal(operations: 100, seconds: 0.5)
        let b = SliceTotal(operations: 110, seconds: 0.5)
        let even = try BlockEffect(a: [a, a], b: [b, b])
        #expect(near(even.percent, 10))
        #expect(near(even.level, 210))
        let stalled = SliceTotal(operations: 0, seconds: 0.5)
        #expect(near(try BlockEffect(a: [a, a], b: [b, stalled]).percent, -45))
    }
}
