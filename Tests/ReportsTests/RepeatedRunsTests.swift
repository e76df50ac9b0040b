// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import Statistics
import Testing

@testable import Reports
@testable import Verdicts

/// The metric `instructions`: boots repeat, and the verdict rests on how well.
@Suite struct RepeatedRunsTests {
    /// Boots of each arm that take so many nanoseconds an operation.
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

    private static let stock = [3750.0, 3751, 3750, 3751, 3750.5]
    private static let patched = [3603.0, 3604, 3603, 3604, 3603.5]

    @Test func fewerInstructionsThatRepeatAreAnImprovement() throws {
        let report = try report(a: Self.stock, b: Self.patched)
        #expect(report.cells[0].outcome == .improved)
        let effect = try #require(report.cells[0].effect)
        #expect(abs(effect + 3.92) < 0.01)
        #expect(report.exitCode == 0)
        let document = try report.json()
        #expect(document.at("experiment.metric") == .text("instructions"))
        #expect(document.at("cells.0.unit") == .text("instructions/operation"))
        let text = report.text().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains("3750.5 instr/op"))
        #expect(text.contains("-147.0 instr/op (-3.92%) [-148.0, -146.0] n=5"))
        #expect(text.contains("between boots: A 1.0, B 1.0 instr/op"))
        #expect(text.contains("Emulated instructions per operation"))
    }

    @Test func theValueOfABootIsTheMeanOfItsSlices() throws {
        let report = try report(a: Self.stock, b: Self.patched) { slice in
            // One slice of each block, be it A's or B's, takes 40 more.
            if slice.number % 4 == 0 { slice.interval += 40_000_000 }
        }
        let cell = report.cells[0]
        #expect(cell.figure(cell.arms[0]) ?? 0 > 3750.5)
    }

    @Test func moreInstructionsAreARegression() throws {
        let (a, b) = ([Double](repeating: 1000, count: 5), [Double](repeating: 1023, count: 5))
        #expect(try report(a: a, b: b).cells[0].outcome == .regressed)
    }

    @Test func runsThatOverlapAreEquivalentWithinTheMargin() throws {
        let cell = try report(
            a: [1000, 1002, 1000, 1001, 1002], b: [1001, 1003, 1002, 1001, 1002]
        ).cells[0]
        #expect(cell.outcome == .equivalent)
    }

    @Test func aGapThatIsNarrowerThanTheSpreadIsNoDifference() throws {
        // The arms do not overlap, yet A alone varies by more than what lies between them.
        let report = try report(
            a: [1000, 1100, 1050, 1020, 1010], b: [1110, 1111, 1110, 1111, 1110])
        #expect(report.cells[0].outcome == .inconclusive)
        let text = report.text().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains("more rounds of boots (--rounds) may decide"))
    }

    @Test(arguments: [1, 2, 4]) func fewerThanFiveBootsDecideNothing(boots: Int) throws {
        let report = try report(
            a: [Double](repeating: 1000, count: boots), b: [Double](repeating: 900, count: boots))
        #expect(report.cells[0].outcome == .inconclusive)
        #expect(report.cells[0].tags.contains(Verdict.Tag.tooEarly.rawValue))
        let text = report.text().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains("a verdict needs 5 rounds of boots"))
    }

    @Test func corruptDataAreInvalidHoweverWellTheRunsRepeat() throws {
        let report = try report(a: Self.stock, b: Self.patched) { slice in
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
            a: Self.stock, b: Self.patched
        ) { slice in
            if slice.arm == .b, slice.number % 4 != 0 {
                slice.validity = Validity([.oomKill: "1"])
            }
        }.cells[0]
        #expect(cell.outcome == .invalid)
        #expect(cell.tags.contains("uneven-voids"))
        #expect(cell.error?.message.contains("A 0, B 7") == true)
    }
}
