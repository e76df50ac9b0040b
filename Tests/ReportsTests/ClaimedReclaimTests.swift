// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Testing

@testable import Reports
@testable import Verdicts

/// The claim that workers do not reclaim directly where they allocate requests.
@Suite struct ClaimedReclaimTests {
    /// - Parameters:
    ///   - a: such reclaims in a slice of A, by round; nil where they are not counted.
    private func figure(
        a: (Int) -> Int64?, b: (Int) -> Int64?
    ) throws -> ClaimVerdict.FigureVerdict? {
        var builder = JournalBuilder(cells: ["dio/x/memcg"], rule: .fixed, blocks: 8)
        builder.journal.header.plan.kind = .ab
        builder.journal.header.plan.comparison?.rounds = 8
        builder.journal.header.plan.comparison?.claims = [
            "dio/x/memcg": [
                ClaimRecord(
                    [.init(.requestReclaims, low: -100, high: -100)],
                    on: ClaimSetUp(name: "short of memory"))
            ]
        ]
        builder.add(8) { slice in
            let round = slice.block ?? 0
            slice.round = round
            slice.evidence.workers["request_reclaims"] = slice.arm == .a ? a(round) : b(round)
        }
        let report = try VerdictReport(builder.ended())
        let text = report.text().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains("claimed no direct reclaim from the allocation of requests"))
        return report.cells[0].claim?.figures[0]
    }

    @Test func noneInAnyRoundReproduces() throws {
        let figure = try figure(a: { 100 + Int64($0) }, b: { _ in 0 })
        #expect(figure?.standing == .reproduced)
        #expect(try #require(figure?.interval).upper < 0)
    }

    @Test func oneEventDoesNotContradict() throws {
        let figure = try figure(a: { 100 + Int64($0) }, b: { $0 == 3 ? 1 : 0 })
        #expect(figure?.standing == .reproduced)
    }

    @Test func fewerThanWithoutTheChangeIsSmaller() throws {
        let figure = try figure(a: { 100 + Int64($0) }, b: { 50 + Int64($0 % 3) })
        #expect(figure?.standing == .smaller)
    }

    @Test func roundsThatDifferMuchTellNothing() throws {
        let figure = try figure(a: { $0 == 0 ? 10 : 0 }, b: { $0 == 1 ? 10 : 0 })
        #expect(figure?.standing == .cannotTell)
    }

    @Test func withoutAnyInANothingCanBeAvoided() throws {
        let figure = try figure(a: { _ in 0 }, b: { _ in 0 })
        #expect(figure?.standing == .cannotTell)
        #expect(figure?.reason?.contains("A has no such reclaim") == true)
    }

    @Test func aKernelThatDoesNotCountThemTellsNothing() throws {
        let figure = try figure(a: { _ in nil }, b: { _ in nil })
        #expect(figure?.standing == .cannotTell)
        #expect(figure?.reason?.contains("not measured") == true)
    }
}
