// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Statistics

/// What is made of all pairs of blocks would take gigabytes, or hours.
@Suite("Cost grows with the data, not with their square", .timeLimit(.minutes(5)))
struct SpeedTests {
    @Test("50,000 blocks are estimated")
    func linear() throws {
        var noise = Noise(seed: 1)
        let many = (0..<50_000).map { _ in noise.normal() / 20 }
        #expect(abs(try HodgesLehmann(many).estimate) < 0.001)
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
