// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import SchemaSupport
import Testing

@testable import Reports
@testable import Statistics
@testable import Verdicts

/// What was published, held against what was measured.
@Suite struct ClaimTests {
    /// A set-up that the builder's journals run.
    private static var own: ClaimSetUp {
        var setUp = ClaimSetUp(name: "own")
        setUp.architecture = "x86_64"
        setUp.cpus = 2
        setUp.platform = .virtual
        setUp.pressure = "none"
        setUp.settings = ["msgsize": "64k"]
        return setUp
    }

    private static func claim(
        _ low: Double, _ high: Double, on setUp: ClaimSetUp = own
    ) -> ClaimRecord {
        ClaimRecord([.init(low: low, high: high)], on: setUp)
    }

    /// A journal of one cell, or of several with a truth each.
    private static func journal(
        effects: [Double] = [1.2], claim: ClaimRecord, noise: Double = 0.01, ran: Int = 24,
        rule: ComparisonRecord.Rule = .fixed, change: (inout JournalHeader) -> Void = { _ in }
    ) -> StoredJournal {
        let cells = effects.indices.map { "pipe/\($0 + 1)w1r/64KiB/none" }
        var builder = JournalBuilder(cells: cells, rule: rule, blocks: 24)
        builder.journal.header.plan.comparison?.claims = Dictionary(
            uniqueKeysWithValues: cells.map { ($0, [claim]) })
        change(&builder.journal.header)
        for (cell, effect) in zip(cells, effects) {
            builder.add(ran, of: cell, effect: effect, noise: noise)
        }
        return builder.ended()
    }

    /// A report's text as one line.
    private func flat(_ report: VerdictReport) -> String {
        report.text().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private func standing(
        effect: Double, _ low: Double, _ high: Double, noise: Double = 0.01
    ) throws -> ClaimVerdict.Standing? {
        let claim = Self.claim(low, high)
        let journal = Self.journal(effects: [effect], claim: claim, noise: noise)
        return try VerdictReport(journal).cells[0].claim?.standing
    }

    @Test func anIntervalWithinTheClaimAndItsToleranceReproducesIt() throws {
        #expect(try standing(effect: 1.2, 20, 20) == .reproduced)
        #expect(try standing(effect: 1.3, 21, 48) == .reproduced)
        #expect(try standing(effect: 0.88, -22, -5) == .reproduced)
    }

    @Test(
        "a program's metric is no rate, whichever direction is good",
        arguments: ["lower", "higher"])
    func programs(better: String) throws {
        var setUp = Self.own
        setUp.settings = [:]
        let cell = "command/x/none"
        var builder = JournalBuilder(cells: [cell], rule: .fixed, blocks: 24)
        builder.journal.header.plan.comparison?.claims = [cell: [Self.claim(20, 20, on: setUp)]]
        builder.journal.header.plan.suite.cells[0].settings = [
            "run": .words(["true"]), "metric": "key:lat", "better": .text(better),
        ]
        builder.add(24, effect: 1.2) { $0.value = Double($0.operations) }
        let verdict = try VerdictReport(builder.ended()).cells[0]
        #expect(verdict.outcome == (better == "lower" ? .regressed : .improved))
        #expect(verdict.claim?.figures[0].reason?.contains("the claim is on a rate") == true)
        #expect(verdict.claim?.figures[0].interval == nil)
    }

    @Test func anIntervalThatIsWideAndExcludesNoChangeIsCompatible() throws {
        #expect(try standing(effect: 1.3, 28, 28, noise: 0.1) == .compatible)
    }

    @Test func aChangeOnTheSideOfNoneIsSmaller() throws {
        #expect(try standing(effect: 1.05, 28, 28) == .smaller)
        #expect(try standing(effect: 0.9, 28, 28) == .smaller)
        #expect(try standing(effect: 0.98, -22, -5) == .smaller)
    }

    @Test func aChangeBeyondTheClaimIsLarger() throws {
        #expect(try standing(effect: 1.5, 2.6, 2.6) == .larger)
        #expect(try standing(effect: 0.6, -22, -5) == .larger)
    }

    @Test func withoutADifferenceNothingIsTold() throws {
        let journal = Self.journal(effects: [1], claim: Self.claim(2.6, 2.6), noise: 0.3)
        let report = try VerdictReport(journal)
        #expect(report.cells[0].claim?.standing == .cannotTell)
        #expect(flat(report).contains("claimed +2.6% (x86_64, 2 CPUs): cannot tell: no"))
    }

    @Test func anotherSetUpIsNamedAndNoSizeIsSaid() throws {
        var setUp = Self.own
        setUp.architecture = "aarch64"
        setUp.cpus = 16
        setUp.pressure = "stress-ng"
        setUp.kernels = ["6.12"]
        setUp.settings = ["msgsize": "4k"]
        setUp.completion = "interrupt"
        let report = try VerdictReport(Self.journal(claim: Self.claim(28, 28, on: setUp)))
        let claim = try #require(report.cells[0].claim)
        #expect(claim.standing == .notTheSetUp)
        #expect(claim.figures[0].interval == nil)
        #expect(
            claim.differs == [
                "2 CPUs of at least 16", "x86_64 not aarch64",
                "Linux 6.1.0-18-amd64 not 6.12", "no memory pressure not stress-ng",
                "msgsize 64KiB not 4KiB",
                "requests complete somewhere unknown not in an interrupt",
            ])
        #expect(flat(report).contains("not the claimed set-up: 2 CPUs of at least 16"))
        #expect(!flat(report).contains("smaller than"))
    }

    private static let directions: [(Double, ClaimVerdict.Direction, String)] = [
        (1.2, .same, "same direction"), (0.8, .opposite, "opposite direction"),
        (1, .notShown, "no direction shown"),
    ]

    @Test(arguments: directions)
    func underEmulationOnlyTheDirectionIsSaid(
        effect: Double, direction: ClaimVerdict.Direction, words: String
    ) throws {
        let journal = Self.journal(effects: [effect], claim: Self.claim(28, 28)) { header in
            header.plan.guest = GuestRecord(
                image: "bzImage", accelerator: "tcg", metric: .time, machine: "q35", cpus: 2,
                memory: 1 << 30, nodes: 1, pins: [], commandLine: "")
        }
        let report = try VerdictReport(journal)
        let figure = try #require(report.cells[0].claim?.figures[0])
        #expect(figure.direction == direction)
        #expect(figure.standing == .notTheSetUp)
        #expect(figure.interval == nil)
        #expect(flat(report).contains("emulated, no size compared: \(words)"))
    }

    @Test func underEmulationTheReasonOfAFigureThatWasNotJudgedIsKept() throws {
        let claim = ClaimRecord(
            [.init(low: 20, high: 20), .init(.writeLatency, low: -22, high: -5)], on: Self.own)
        let report = try VerdictReport(
            Self.journal(claim: claim) { header in
                header.plan.guest = GuestRecord(
                    image: "bzImage", accelerator: "tcg", metric: .time, machine: "q35", cpus: 2,
                    memory: 1 << 30, nodes: 1, pins: [], commandLine: "")
            })
        let figures = try #require(report.cells[0].claim?.figures)
        #expect(figures.map(\.direction) == [.same, nil])
        #expect(flat(report).contains("emulated, cannot tell: write latency is not compared"))
    }

    @Test func aControlIsNotCalledACellWithoutPressure() throws {
        var cell = JournalBuilder().journal.header.plan.suite.cells[0]
        cell.pressure = "cgroup"
        #expect(Self.own.differences(of: cell).map(\.text) == ["in a memory cgroup"])
    }

    /// The workers never reclaim: beside the published hogs the kernel need not, with more it must.
    @Test func reclaimIsAskedForWhereThePressureMustMakeIt() throws {
        for (settings, standing, words) in [
            ([:], .reproduced, "; direct reclaim by workers 0.00/s"),
            (["vm_bytes": 130, "swap": "40%"], .cannotTell, "hardly ever in direct reclaim"),
        ] as [([String: SettingValue], ClaimVerdict.Standing, String)] {
            var builder = JournalBuilder(rule: .fixed)
            let name = builder.journal.header.plan.suite.cells[0].name
            builder.journal.header.plan.suite.cells[0].pressure = "stress-ng"
            builder.journal.header.plan.suite.cells[0].pressureSettings = settings
            let claim = Self.claim(20, 20, on: ClaimSetUp(name: "hogs"))
            builder.journal.header.plan.comparison?.claims = [name: [claim]]
            builder.add(24, effect: 1.2) { $0.evidence.workers["reclaim_stalls"] = 0 }
            let report = try VerdictReport(builder.ended())
            #expect(report.cells[0].claim?.standing == standing)
            #expect(flat(report).contains(words), "\(flat(report))")
        }
    }

    /// A change of 2 %, shown of the claim and not, after Holm's procedure over cells, of the cell.
    @Test(arguments: [true, false])
    func whatTheLayoutOfTwoImagesCanMakeIsNotJudged(areTwoImages: Bool) throws {
        let header = JournalBuilder(rule: .fixed).journal.header
        var comparison = try #require(header.comparison)
        var cells = [CellVerdict(header.suite.cells[0])]
        cells[0].alone = LoneVerdict(
            p: 0.04,
            estimate: StudentT(estimate: 0.02, standardError: 0.001, degreesOfFreedom: 7),
            isWithinMargin: false)
        cells[0].alone?.areTwoImages = areTwoImages
        cells[0].writeLatency = [-0.02, -0.021, -0.019, -0.02, -0.02]
        let claim = ClaimRecord(
            [.init(low: 2, high: 2), .init(.writeLatency, low: -2, high: -2)],
            on: ClaimSetUp(name: "any"))
        comparison.claims = [cells[0].plan.name: [claim]]
        ClaimMatrix.judge(
            &cells, of: comparison, on: ClaimMachine(JournalBuilder.host, guest: nil))
        let figures = try #require(cells[0].claim?.figures)
        #expect(figures.allSatisfy { $0.standing == (areTwoImages ? .cannotTell : .reproduced) })
        #expect(figures.allSatisfy { ($0.reason == NotJudged.layout.reason) == areTwoImages })
    }

    @Test func ofSeveralSetUpsTheNearestIsTaken() throws {
        var other = Self.own
        other.name = "other"
        other.architecture = "aarch64"
        let journal = Self.journal(claim: Self.claim(5, 5, on: other)) { header in
            for name in header.plan.comparison?.claims.map({ Array($0.keys) }) ?? [] {
                header.plan.comparison?.claims?[name]?.append(Self.claim(20, 20))
            }
        }
        #expect(try VerdictReport(journal).cells[0].claim?.claim.setUp.name == "own")
    }

    @Test func intervalsGetWiderWithTheClaimsThatAreJudged() throws {
        func first(_ count: Int) throws -> ClaimVerdict.FigureVerdict {
            let effects = Array(repeating: 1.2, count: count)
            let journal = Self.journal(effects: effects, claim: Self.claim(20, 20))
            return try #require(try VerdictReport(journal).cells[0].claim?.figures[0])
        }
        let (alone, among) = (try first(1), try first(4))
        let levels = try [alone, among].map { try 1 - #require($0.interval).confidence }
        #expect(abs(levels[0] - 0.05) < 1e-9 && abs(levels[1] - 0.0125) < 1e-9)
        #expect(try #require(among.adjustedP) <= 0.05)
    }

    /// Four claims, each with p = 0.03: Holm's first step asks for 0.0125.
    @Test func aDifferenceAmongManyClaimsHasToOutlastHolm() throws {
        let test = ClaimTest(
            estimate: StudentT(estimate: 0.1, standardError: 0.04, degreesOfFreedom: 7),
            level: 0.05)
        let p = test.estimate.p
        #expect(p < 0.05 && p > 0.0125)
        var standings: [ClaimVerdict.Standing] = []
        for adjusted in [p, try Multiplicity.holm([p, p, p, p])[0]] {
            var figure = ClaimVerdict.FigureVerdict(
                figure: .init(low: 10, high: 10), standing: .cannotTell)
            test.judge(&figure, among: 1, adjustedP: adjusted, margin: 2)
            standings.append(figure.standing)
        }
        #expect(standings == [.compatible, .cannotTell])
    }

    @Test func afterAnEarlyStopNoSizeIsSaid() throws {
        let claim = Self.claim(20, 20)
        let stopped = try VerdictReport(Self.journal(claim: claim, ran: 9, rule: .budget))
        #expect(stopped.cells[0].claim?.standing == .cannotTell)
        #expect(flat(stopped).contains("of 24 planned blocks; run with --no-early-stop"))
        let whole = try VerdictReport(Self.journal(claim: claim, noise: 0.01, rule: .fixed))
        #expect(whole.cells[0].claim?.standing == .reproduced)
        let open = try VerdictReport(Self.journal(claim: claim, rule: .untilDecided))
        #expect(open.cells[0].claim?.standing == .cannotTell)
        #expect(flat(open).contains("--no-early-stop"))
    }

    @Test func roundsThatStoppedEarlyAreCounted() throws {
        var builder = JournalBuilder(blocks: 8)
        let name = builder.journal.header.plan.suite.cells[0].name
        builder.journal.header.plan.kind = .ab
        builder.journal.header.plan.comparison?.rounds = 8
        builder.journal.header.plan.comparison?.claims = [name: [Self.claim(20, 20)]]
        builder.add(5, effect: 1.2) { $0.round = $0.block }
        let figure = try VerdictReport(builder.ended()).cells[0].claim?.figures[0]
        #expect(figure?.standing == .cannotTell)
        #expect(figure?.reason == "stopped after 5 of 8 planned rounds; run with --no-early-stop")
    }

    @Test func writeLatencyWithoutAValueForEachRoundIsNotJudged() throws {
        let claim = ClaimRecord(
            [.init(low: 20, high: 20), .init(.writeLatency, low: -22, high: -5)], on: Self.own)
        let report = try VerdictReport(Self.journal(claim: claim))
        let figures = try #require(report.cells[0].claim?.figures)
        #expect(figures.map(\.standing) == [.reproduced, .cannotTell])
        #expect(flat(report).contains("claimed write latency -22% to -5% (x86_64, 2 CPUs): cann"))
    }

    @Test func theDocumentHasTheClaimWithItsSetUp() throws {
        let validator = SchemaValidator(
            root: try LineCodec.decode(JSONValue.self, from: ReportFormat.schemaText.utf8))
        for cpus in [2, 16] {
            var setUp = Self.own
            setUp.cpus = cpus
            let report = try VerdictReport(Self.journal(claim: Self.claim(20, 20, on: setUp)))
            let document = try report.json()
            #expect(validator.problems(document) == [])
            let claim = document["cells"]?.items?.first?["claim"]
            #expect(claim?["set_up"]?["cpus"] == .integer(Int128(cpus)))
            #expect(
                claim?["standing"] == .text(cpus == 2 ? "reproduced" : "not-the-set-up"))
        }
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
