// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import Statistics
import Testing

@testable import Reports
@testable import Verdicts

/// The metric `instructions`: boots repeat, and the verdict rests on how well.
@Suite struct RepeatedRunsTests {
    /// Two boots an arm that take so many nanoseconds an operation.
    private func report(
        a: [Double], b: [Double], change: JournalBuilder.Change = { _ in }
    ) throws -> VerdictReport {
        var builder = JournalBuilder(cells: ["dio/x/none"], rule: .repeated, blocks: a.count)
        builder.journal.header.plan.metric = .instructions
        builder.journal.header.plan.comparison?.rounds = a.count
        for round in a.indices {
            builder.add(1, noise: 0) { slice in
                slice.round = round
                slice.operations = 1_000_000
                let each = slice.arm == .a ? a[round] : b[round]
                slice.interval = UInt64(each * 1_000_000)
                change(&slice)
            }
        }
        return try VerdictReport(builder.ended())
    }

    @Test func fewerInstructionsThatRepeatAreAnImprovement() throws {
        let report = try report(a: [3750, 3751], b: [3603, 3604])
        #expect(report.cells[0].outcome == .improved)
        let effect = try #require(report.cells[0].effect)
        #expect(abs(effect + 3.92) < 0.01)
        #expect(report.exitCode == 0)
        let document = try report.json()
        #expect(document.at("experiment.metric") == .text("instructions"))
        #expect(document.at("cells.0.unit") == .text("instructions/operation"))
        #expect(report.text().contains("3750.5 instr/op"))
    }

    @Test func moreInstructionsAreARegression() throws {
        #expect(try report(a: [1000, 1000], b: [1023, 1023]).cells[0].outcome == .regressed)
    }

    @Test func runsThatOverlapAreEquivalentWithinTheMargin() throws {
        let cell = try report(a: [1000, 1002], b: [1001, 1003]).cells[0]
        #expect(cell.outcome == .equivalent)
    }

    @Test func aGapThatIsNarrowerThanTheSpreadIsNoDifference() throws {
        // The arms do not overlap, yet A alone varies by more than what lies between them.
        let report = try report(a: [1000, 1100], b: [1110, 1111])
        #expect(report.cells[0].outcome == .inconclusive)
        let text = report.text().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains("more rounds of boots (--rounds) may decide"))
    }

    @Test func twoBootsThatVaryNeedAWiderGapThanThree() throws {
        // Apart by twice what the boots vary, and by eight times.
        #expect(try report(a: [1000, 1010], b: [1030, 1040]).cells[0].outcome == .inconclusive)
        #expect(try report(a: [1000, 1010], b: [1100, 1110]).cells[0].outcome == .regressed)
        let three = try report(a: [1000, 1005, 1010], b: [1030, 1035, 1040])
        #expect(three.cells[0].outcome == .regressed)
    }

    @Test func oneBootTellsNothingOfHowWellItRepeats() throws {
        let cell = try report(a: [1000], b: [900]).cells[0]
        #expect(cell.outcome == .inconclusive)
        #expect(cell.tags.contains(Verdict.Tag.tooEarly.rawValue))
    }

    @Test func corruptDataAreInvalidHoweverWellTheRunsRepeat() throws {
        let report = try report(a: [3750, 3751], b: [3603, 3604]) { slice in
            if slice.number == 3, slice.arm == .b {
                slice.validity = Validity([.corruption: "at 4096"])
            }
        }
        #expect(report.cells[0].outcome == .invalid)
        #expect(report.cells[0].tags.contains("corruption"))
        #expect(report.cells[0].error?.message.contains("at 4096") == true)
        #expect(report.exitCode == 5)
    }

    @Test func voidsOnOneArmAreInvalid() throws {
        let cell = try report(
            a: [3750, 3751, 3750, 3751], b: [3603, 3604, 3603, 3604]
        ) { slice in
            if slice.arm == .b, slice.number % 4 != 0 {
                slice.validity = Validity([.oomKill: "1"])
            }
        }.cells[0]
        #expect(cell.outcome == .invalid)
        #expect(cell.tags.contains("uneven-voids"))
        #expect(cell.error?.message.contains("A 0, B 6") == true)
    }
}
