// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Statistics
import Testing

@testable import Reports
@testable import Verdicts

/// What was claimed, held against what was measured.
@Suite struct ClaimTests {
    private func answer(
        effect: Double, claimed low: Double, _ high: Double
    ) throws -> ClaimVerdict.Answer? {
        var builder = JournalBuilder(blocks: 24)
        let cell = builder.journal.header.plan.suite.cells[0].name
        builder.journal.header.plan.comparison?.claims = [cell: .change(low: low, high: high)]
        builder.add(24, effect: effect)
        return try VerdictReport(builder.ended()).cells[0].claim?.answer
    }

    @Test func anImprovementOfTheSizeClaimedConfirms() throws {
        #expect(try answer(effect: 1.12, claimed: 6, 28) == .confirmed)
    }

    @Test func aLargerImprovementConfirmsMore() throws {
        #expect(try answer(effect: 1.5, claimed: 2.6, 2.6) == .exceeded)
    }

    @Test func aSmallerChangeContradicts() throws {
        #expect(try answer(effect: 1.001, claimed: 6, 28) == .contradicted)
        #expect(try answer(effect: 0.9, claimed: 6, 28) == .contradicted)
    }

    @Test func withoutADecisionNothingIsSaid() throws {
        var builder = JournalBuilder(blocks: 24)
        let cell = builder.journal.header.plan.suite.cells[0].name
        builder.journal.header.plan.comparison?.claims = [cell: .change(low: 2.6, high: 2.6)]
        builder.add(24, effect: 1, noise: 0.3)
        let report = try VerdictReport(builder.ended())
        #expect(report.cells[0].claim?.answer == .open)
        #expect(report.text().contains("claimed +2.6%: cannot tell"))
    }

    private static let stalls: [(Int64?, Int64?, ClaimVerdict.Answer)] = [
        (12, 3, .contradicted), (12, 0, .confirmed), (0, 0, .open), (nil, nil, .open),
    ]

    @Test(arguments: stalls)
    func aStallContradictsThatThereAreNone(
        a: Int64?, b: Int64?, expected: ClaimVerdict.Answer
    ) throws {
        var builder = JournalBuilder(cells: ["dio/x/memcg"])
        builder.journal.header.plan.comparison?.claims = ["dio/x/memcg": .noStalls]
        builder.add(24) { slice in
            slice.evidence.workers["reclaim_stalls"] = slice.arm == .a ? a : b
            slice.evidence.workers["reclaim_stall_us"] = slice.arm == .a ? a : b
        }
        let report = try VerdictReport(builder.ended())
        #expect(report.cells[0].claim?.answer == expected)
        #expect(report.text().contains("claimed no direct reclaim by workers: "))
    }

    @Test func aVoidRoundDoesNotCountAndIsNamed() throws {
        var builder = JournalBuilder(blocks: 12)
        builder.add(8, effect: 0.5) { $0.round = 0 }
        builder.journal.add(
            .roundVoid(.init(round: 0, arm: .b, error: .failure("the guest panicked"))))
        builder.add(12, effect: 1) { $0.round = 1 }
        let report = try VerdictReport(builder.ended())
        #expect(abs(try #require(report.cells[0].effect)) < 2)
        #expect(report.text().contains("the guest panicked"))
    }
}
