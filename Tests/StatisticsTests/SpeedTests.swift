// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Statistics

@Suite("Cost grows with the data, not with their square") struct SpeedTests {
    private func time(_ work: () throws -> Void) rethrows -> Double {
        let spent = try ContinuousClock().measure(work)
        return Double(spent.components.attoseconds) * 1e-18 + Double(spent.components.seconds)
    }

    @Test("a hundred times the blocks take no more than 400 times as long to estimate")
    func linear() throws {
        var noise = Noise(seed: 1)
        let many = (0..<50_000).map { _ in noise.normal() / 20 }
        let few = Array(many.prefix(500))
        let short = try time { for _ in 0..<4 { _ = try HodgesLehmann(few) } } / 4
        let long = try time { _ = try HodgesLehmann(many) }
        #expect(long <= 400 * short, "\(short) s and \(long) s")
    }

    @Test("25,000 blocks, 100,000 slices, are judged")
    func verdict() throws {
        var noise = Noise(seed: 2)
        let effects = (0..<25_000).map { _ in 0.001 + noise.normal() / 20 }
        let rule = VerdictRule(
            stopping: try LookPlan(budget: 25_000),
            margin: try EquivalenceMargin(fraction: 0.02))
        #expect(try Verdict.mayStop(Observations(effects: effects), rule: rule))
    }
}
