// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Testing

@testable import Reports
@testable import Verdicts

struct PlaceboTests {
    private static let equal = [
        ComparisonRecord.Knob(kind: .setting, target: "timing", a: "op", b: "op")
    ]

    /// A placebo on one machine, to be cut after each 10 blocks.
    private func toggle(
        _ cells: [String] = ["pipe/a"], blocks: Int = 200, effect: Double = 1, noise: Double = 0.01,
        seed: UInt64 = 7
    ) -> StoredJournal {
        var builder = JournalBuilder(cells: cells, rule: .fixed, knobs: Self.equal, seed: seed)
        builder.journal.header.plan.comparison?.placeboUnits = 10
        for cell in cells { builder.add(blocks, of: cell, effect: effect, noise: noise) }
        return builder.ended()
    }

    /// What a kernel compared with itself leaves: rounds of three blocks, cut after each 8 rounds.
    private func pair(
        rounds: Int = 40, effect: Double = 1,
        images: (String, String) = ("/k/bzImage", "/k/bzImage"),
        change: (inout ComparisonRecord) -> Void = { _ in },
        builds: (String, String) = ("1f", "1f"), boots: (String?, String?) = (nil, nil)
    ) -> StoredJournal {
        var builder = JournalBuilder(
            cells: ["pipe/a", "dio/b"], rule: .fixed, blocks: 3 * rounds, knobs: [])
        builder.journal.header.plan.kind = .ab
        func arm(_ image: String) -> ComparisonRecord.Arm {
            .init(
                label: "6.12",
                guest: .init(
                    image: image, accelerator: "tcg", metric: .time, machine: "microvm", cpus: 2,
                    memory: 1 << 30, nodes: 1, pins: [], commandLine: "quiet tsc_early_khz=1"))
        }
        var comparison = builder.journal.header.plan.comparison!
        comparison.arms = .init(a: arm(images.0), b: arm(images.1))
        comparison.arms.b.guest?.commandLine = "quiet tsc_early_khz=2"
        comparison.rounds = rounds
        comparison.placeboUnits = 8
        change(&comparison)
        builder.journal.header.plan.comparison = comparison
        func host(_ build: String, _ boot: String?) -> Hello {
            var host = JournalBuilder.host
            host.buildID = build
            host.bootID = boot
            return host
        }
        for round in 0..<rounds {
            builder.journal.add(
                .round(
                    .init(
                        round: round, first: .a,
                        hosts: [.a: host(builds.0, boots.0), .b: host(builds.1, boots.1)], at: 1)))
            for cell in ["pipe/a", "dio/b"] {
                builder.add(3, of: cell, effect: effect, noise: 0.02) { $0.round = round }
            }
        }
        return builder.ended()
    }

    /// A report's text in one line.
    private func words(_ report: some Report) -> String {
        report.text().replacing("\n", with: " ")
    }

    private func judge(_ journals: StoredJournal...) throws -> PlaceboRecord {
        try Placebos(journals.enumerated().map { ($1, "\($0).jsonl") }).record()
    }

    // MARK: The cut

    @Test func theCutHasEveryCountedBlockOnceAndInItsOrder() throws {
        var builder = JournalBuilder(rule: .fixed)
        builder.add(1, warmup: true)
        builder.add(4)
        builder.add(2) { $0.validity = Validity([.inputOutputError: "EIO"]) }
        builder.add(33)
        let blocks = builder.ended().blocks[0]
        let counted = blocks.filter(\.state.isCounted).map(\.number)
        let cut = PlaceboCut(blocks, units: 10, roundBlocks: nil)
        let parts = cut.comparisons.map { $0.filter(\.state.isCounted).map(\.number) }
        #expect(parts.map(\.count) == [10, 10, 10])
        #expect(cut.leftOver == 7)
        #expect(parts.flatMap { $0 } == Array(counted.prefix(30)))
        #expect(cut.comparisons.flatMap { $0 }.count { $0.state.isVoid } == 2)
        #expect(PlaceboCut(blocks, units: 37, roundBlocks: nil).leftOver == 0)
        #expect(PlaceboCut([], units: 10, roundBlocks: nil).comparisons.isEmpty)
    }

    @Test func aCutOfBootsHasWholeRoundsOnlyAndNoneTwice() throws {
        var builder = JournalBuilder(rule: .fixed)
        for round in 0..<20 {
            // A round that ended early, and one whose guest was lost.
            builder.add(round == 3 ? 1 : 3) { $0.round = round }
        }
        builder.journal.add(
            .roundVoid(.init(round: 7, arm: .b, error: .failure("the guest hangs"))))
        let cut = PlaceboCut(builder.ended().blocks[0], units: 8, roundBlocks: 3)
        let rounds = cut.comparisons.map { Set($0.compactMap(\.round)) }
        #expect(rounds.map(\.count) == [8, 8])
        #expect(rounds[0].isDisjoint(with: rounds[1]))
        #expect(rounds[0].union(rounds[1]) == Set(0..<18).subtracting([3, 7]))
        #expect(cut.comparisons.map(\.count) == [24, 24])
        #expect(cut.leftOver == 2)
    }

    // MARK: What it sees

    @Test func aBiasBetweenTheArmsIsCaughtByRealLabelsAndNotByShuffledOnes() throws {
        let record = try Calibration(toggle(blocks: 400, effect: 1.02)).record(seed: 1)
        #expect(record.placebos.comparisons == 40)
        #expect(record.placebos.findsTooMany)
        #expect(record.placebos.improved == record.placebos.rejections)
        #expect(record.placebos.isBiased)
        #expect(!record.tail.findsTooMany, "\(record.tail)")
        #expect(record.findsTooMuch)
        let text = words(record)
        #expect(text.contains("OUT OF RANGE: verdicts made like these"))
        #expect(text.contains("BIASED: B's values are higher"))
    }

    @Test func aBiasThatSingleComparisonsMissShowsInTheMeanOverAll() throws {
        let record = try judge(toggle(blocks: 2000, effect: 0.998, noise: 0.02))
        #expect(!record.findsTooMany, "\(record.rejections)")
        #expect(record.isBiased && record.isOutOfOrder)
        let pooled = try #require(record.pooled)
        #expect(pooled.high < 0 && pooled.units == 2000)
        #expect(words(record).contains("BIASED: B's values are lower"))
    }

    @Test func aNoisyCellDoesNotHideTheBiasOfAnother() throws {
        var builder = JournalBuilder(
            cells: ["pipe/a", "pipe/b"], rule: .fixed, knobs: Self.equal)
        builder.journal.header.plan.comparison?.placeboUnits = 10
        builder.add(300, of: "pipe/a", effect: 0.99, noise: 0.01)
        builder.add(300, of: "pipe/b", noise: 0.15)
        let pooled = try #require(judge(builder.ended()).pooled)
        #expect(pooled.p <= PlaceboRecord.biasLevel)
        #expect(abs(pooled.change + 1) < 0.3)
        #expect(pooled.units == 600)
    }

    @Test func noiseAloneIsInOrder() throws {
        let record = try judge(toggle(["pipe/a", "pipe/b"], blocks: 1000, noise: 0.05))
        #expect(record.comparisons == 200)
        #expect(record.fewest...record.most ~= record.rejections, "\(record.rejections)")
        #expect(record.improved > 0 && record.regressed > 0)
        #expect(!record.isOutOfOrder)
        let outcomes = record.cells.flatMap(\.outcomes.values).reduce(0, +)
        #expect(outcomes == 200)
    }

    @Test func bootsOfOneKernelAreComparedByRoundsAndPooledOverThem() throws {
        let record = try judge(pair())
        #expect(record.unit == "round" && record.units == 8)
        #expect(record.cells.map(\.comparisons) == [5, 5])
        // A round's boots are shared by its cells.
        #expect(record.pooled?.units == 40)
        #expect(record.cells.map { $0.pooled?.units } == [40, 40])
        #expect(!record.findsTooMany)
        #expect(try judge(pair(effect: 1.03)).isOutOfOrder)
    }

    @Test func journalsOfWholeComparisonsAreJudgedTogether() throws {
        func whole(_ id: String) -> StoredJournal {
            var journal = pair(rounds: 8) {
                $0.rule = .budget
                $0.placeboUnits = nil
            }
            journal.header.id = id
            return journal
        }
        let record = try judge(whole("a"), whole("b"), whole("c"))
        #expect(record.comparisons == 6)
        #expect(record.journals == ["a", "b", "c"])
        #expect(record.pooled?.units == 24)
    }

    @Test func aWholeComparisonThatItsRuleEndedEarlyCountsAsOne() throws {
        let journal = pair(rounds: 5, effect: 1.5) {
            $0.rule = .budget
            $0.placeboUnits = nil
            ($0.rounds, $0.blocks) = (8, 24)
        }
        let record = try judge(journal)
        #expect(record.cells.map(\.outcomes) == [["improved": 1], ["improved": 1]])
        #expect(record.units == 8)
    }

    /// One machine by two addresses, each round with new agents.
    private func addresses(_ boots: (String?, String?), effect: Double = 1) -> StoredJournal {
        pair(
            effect: effect,
            change: {
                $0.arms = .init(
                    a: .init(label: "local", host: "local"),
                    b: .init(label: "::1", host: "::1"))
            }, boots: boots)
    }

    @Test func oneMachineByTwoAddressesIsComparedWithItself() throws {
        let record = try judge(addresses(("a1", "a1")))
        #expect(record.cells.map(\.comparisons) == [5, 5])
        #expect(!record.findsTooMany)
        #expect(words(record).contains("one machine (local, ::1) with itself"))
        // A small difference is not taken for one of images.
        let biased = try judge(addresses(("a1", "a1"), effect: 1.02))
        #expect(biased.findsTooMany)
        #expect(biased.cells.allSatisfy { $0.outcomes["images-differ"] == nil })
    }

    @Test func addressesOfTwoMachinesAreRefused() throws {
        #expect(try refusal(addresses(("a1", "b2"))).contains("its arms are two machines"))
        #expect(try refusal(addresses((nil, nil))).contains("its arms are two machines"))
    }

    // MARK: What it refuses

    private func refusal(_ journals: StoredJournal...) throws -> String {
        let error = #expect(throws: PlumblineError.self) {
            _ = try Placebos(journals.enumerated().map { ($1, "\($0).jsonl") }).record()
        }
        return "\(try #require(error))"
    }

    @Test func armsThatDifferAreRefusedWithTheReason() throws {
        var knobs = toggle()
        knobs.header.plan.comparison?.knobs[0].b = "batch"
        #expect(try refusal(knobs).contains("0.jsonl is not a finished A/A comparison: its arms"))
        #expect(try refusal(knobs).contains("timing: op and batch"))
        #expect(try refusal(pair(images: ("/a", "/b"))).contains("two images: /a and /b"))
        #expect(try refusal(pair(builds: ("1f", "2e"))).contains("different build ids: 1f and 2e"))
        let words = pair { $0.arms.b.guest?.commandLine = "nosmt" }
        #expect(try refusal(words).contains("kernel command line: 'quiet' and 'nosmt'"))
        #expect(try refusal(pair { $0.arms.b.guest?.cpus = 4 }).contains("two machines"))
        #expect(try refusal(JournalBuilder.run(operations: 5)).contains("one arm"))
    }

    @Test func whatWasNotMeasuredToItsPlannedEndIsRefused() throws {
        var stopped = toggle()
        stopped.ending = .init(state: .interrupted, at: 1)
        #expect(try refusal(stopped).contains("before its planned end"))
        #expect(try refusal(stopped).contains("--resume"))
        stopped.ending = nil
        #expect(try refusal(stopped).contains("has not ended"))
        var open = toggle()
        open.header.plan.comparison?.placeboUnits = nil
        #expect(try refusal(open).contains("not measured by the default rule"))
        #expect(try refusal(toggle(blocks: 9)).contains("10 blocks of one A/A comparison"))
    }

    @Test func comparisonsThatShareBlocksOrDoNotBelongTogetherAreRefused() throws {
        #expect(try refusal(toggle(), toggle()).contains("are the same experiment"))
        var other = toggle()
        other.header.id = "other"
        other.header.plan.suite.slice = 20_000_000
        #expect(try refusal(toggle(), other).contains("do not belong together: slice length"))
    }

    // MARK: Its words

    @Test func theTextFitsAndSaysHowMany() throws {
        let record = try judge(pair())
        let text = record.text()
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        let words = words(record)
        #expect(words.contains("A/A comparisons: 6.12 with itself"))
        #expect(words.contains("A/A comparisons: \(record.rejections) of 10 found a difference"))
        #expect(words.contains("in order at 5%"))
        #expect(words.contains("few comparisons"))
    }

    @Test func figuresOfEmulatedGuestsAreLabelled() throws {
        #expect(words(try judge(pair())).contains("The guests were emulated."))
        let onKVM = pair {
            $0.arms.a.guest?.accelerator = "kvm"
            $0.arms.b.guest?.accelerator = "kvm"
        }
        #expect(!words(try judge(onKVM)).contains("The guests were emulated."))
        #expect(!words(try judge(toggle())).contains("The guests were emulated."))
    }

    @Test func tooFewDifferencesAreNoFailure() throws {
        var record = try judge(toggle(blocks: 2000))
        record.cells[0].outcomes = ["inconclusive": 200]
        record.pooled = nil
        #expect(words(record).contains("Fewer than in order"))
        #expect(!record.isOutOfOrder)
    }
}
