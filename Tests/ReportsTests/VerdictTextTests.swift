// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Testing

@testable import Reports
@testable import Verdicts

struct VerdictTextTests {
    private static let cells = [
        "pipe/1w1r/64KiB/1MiB/none", "pipe/2w1r/64KiB/1MiB/memcg",
        "dio/randread/4KiB/qd32/io_uring/zram:ext4/none", "splice/tee/none", "pipe/5w5r/none",
    ]

    static func journal() -> StoredJournal {
        var builder = JournalBuilder(cells: cells)
        builder.add(24, of: cells[0], effect: 1.026, latency: true)
        builder.add(20, of: cells[1], effect: 0.9, noise: 0.03)
        builder.add(4, of: cells[1]) { slice in
            if slice.position == 1 {
                slice.validity = Validity([.unpressured: "the kernel reclaimed 3 pages a second"])
            }
        }
        builder.add(24, of: cells[2], noise: 0.005)
        builder.add(24, of: cells[3], noise: 0.08)
        builder.add(6, of: cells[4])
        builder.journal.add(
            .cellFailed(
                .init(
                    cell: cells[4], arm: .b, number: 12,
                    error: .failure("write: EINVAL", remedy: "see what the kernel says"))))
        return builder.ended()
    }

    private static func guest(_ image: String) -> GuestRecord {
        GuestRecord(
            image: image, accelerator: "tcg", metric: .time, machine: "microvm", cpus: 2,
            memory: 1 << 30, nodes: 1, pins: [], commandLine: "quiet")
    }

    @Test func aKnobInAGuestIsSaidToBeOneImageInRounds() throws {
        var builder = JournalBuilder(blocks: 10)
        builder.journal.header.plan.guest = Self.guest("/k/bzImage")
        builder.journal.header.plan.comparison?.rounds = 5
        builder.journal.header.plan.comparison?.arms.a.target = "qemu microvm, tcg"
        builder.journal.header.plan.comparison?.arms.b.target = "qemu microvm, tcg"
        builder.add(10) { $0.round = ($0.block ?? 0) / 2 }
        let report = try VerdictReport(builder.ended())
        let text = report.text()
        #expect(text.contains("boots    5 rounds: one guest, one image, the switch flipped\n"))
        #expect(text.split(separator: "\n").count { $0.contains("qemu microvm, tcg") } == 1)
        #expect(text.contains("A        vm.x=1\nB        vm.x=2\n"))
        #expect(report.cells.map(\.countsRounds) == [true])
        #expect(!text.contains("layout"))
        #expect(!report.cells[0].tags.contains("one-boot"))
    }

    @Test func aCommandLineLaysOutNoCodeAnotherWay() {
        func areTwoImages(_ a: String, _ b: String) -> Bool {
            let arms = ComparisonRecord.Arms(
                a: .init(label: "x", guest: Self.guest(a)),
                b: .init(label: "y", guest: Self.guest(b)))
            return ComparisonRecord(arms: arms, rule: .budget, blocks: 8).areTwoImages
        }
        #expect(areTwoImages("/k/old", "/k/new"))
        #expect(!areTwoImages("/k/old", "/k/old"))
    }

    @Test func aReportReadsLikeThis() throws {
        #expect(
            try VerdictReport(Self.journal()).text() == """
                example: what a comparison looks like
                kernel   Linux 6.1.0-18-amd64 x86_64, build 0123456789ab
                machine  2 CPUs, Example CPU 2.4 GHz, 24.0 GiB
                A        vm.x=1
                B        vm.x=2
                rule     24 blocks a cell, 8 looks; equivalent within ±2%
                slices   500ms, guard 125ms, blocks of four in random order, seed 42

                  A                   B                B vs A
                pipe/1w1r/64KiB/1MiB/none
                  1249 MiB/s ± 1%     1279 MiB/s ± 1%  +2.57% [+1.54, +3.61] p<0.001 n=12
                  write p50 50.0us    45.0us
                  write p99 99.0us    89.2us           -9.95% [-10.0, -9.89]
                  write p99.9 99.9us  89.9us
                  read p50 50.0us     45.0us
                  read p99 99.0us     89.2us           -9.95% [-10.0, -9.89]
                  read p99.9 99.9us   89.9us
                  improved; adjusted p=0.005; MDE80 0.84%
                  note: early-stop: it stopped after 12 of 24 blocks
                pipe/2w1r/64KiB/1MiB/memcg
                  1241 MiB/s ± 4%     1120 MiB/s ± 3%  -9.78% [-12.7, -6.79] p<0.001 n=12
                  regressed; adjusted p=0.002; MDE80 2.73%
                  void: unpressured, A 2, B 2, for example: the kernel reclaimed 3 pages a
                    second
                  4 blocks left out; with them the change is -8.20%
                  note: early-stop: it stopped after 12 of 24 blocks
                dio/randread/4KiB/qd32/io_uring/zram:ext4/none
                  20.0K IOPS ± 0%     20.0K IOPS ± 0%  ~ [-1.40, +2.64] p=0.009 n=6
                  equivalent within ±2% (+0.60%); adjusted p=0.940; no difference larger than
                    1.85%; MDE80 0.50%
                  note: early-stop: it stopped after 6 of 24 blocks
                splice/tee/none
                  1237 MiB/s ± 8%     1243 MiB/s ± 8%  ~ [-3.42, +4.34] p=0.828 n=24
                  inconclusive (+0.39%); adjusted p=0.940; no difference larger than 3.74%;
                    MDE80 5.27%; about 252 blocks (11 min) decide
                pipe/5w5r/none
                  1248 MiB/s ± 1%     1251 MiB/s ± 1%  ~ [-6.52, +7.51] p=0.643 n=6
                  invalid (+0.25%); adjusted p=1.000; MDE80 1.76%
                  error: it failed on arm B and not on A: write: EINVAL
                  see what the kernel says

                5 cells: 1 improved, 1 regressed, 1 equivalent, 1 inconclusive, 1 invalid.
                An early stop tends to overstate the size of a change; with --no-early-stop
                there is none.
                Rates: totals over the slices that count, ± their standard deviation. B vs A:
                the change in rate, its interval at 96.2 to 99.9% (by the look that decided), p,
                and n blocks; ~ where no difference is shown. MDE80: the smallest change that as
                many blocks find in 8 of 10 runs. Of latency: the mean change over batches of
                blocks, with intervals that hold for all quantiles of the cell; p50 has none,
                nor has a quantile beyond which one of the batches of blocks has too few
                latencies. Verdicts hold over all 5 cells (Holm). One boot: the verdicts hold
                for this boot only.

                """)
    }

    /// A comparison of kernels in so many rounds of boots of four blocks each.
    private func kernels(
        _ rounds: Int, alternate: Bool = false, planned: Int? = nil,
        change: JournalBuilder.Change = { _ in }
    ) throws -> VerdictReport {
        var builder = JournalBuilder(blocks: 4 * (planned ?? rounds))
        builder.journal.header.plan.kind = .ab
        builder.journal.header.plan.comparison?.knobs = []
        builder.journal.header.plan.comparison?.rounds = alternate ? nil : planned ?? rounds
        builder.add(4 * rounds) { slice in
            slice.round = alternate ? slice.block : (slice.block ?? 0) / 4
            change(&slice)
        }
        return try VerdictReport(builder.ended())
    }

    /// The report's words with one blank between them.
    private func words(_ report: VerdictReport) -> String {
        report.text().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test func fewerThanFiveRoundsOfBootsDecideNothingAndItIsSaid() throws {
        for (rounds, there) in [(1, "there is 1"), (3, "there are 3")] {
            let report = try kernels(rounds) { if $0.arm == .b { $0.operations *= 2 } }
            #expect(report.cells[0].outcome == .inconclusive)
            let text = words(report)
            #expect(text.contains("a verdict needs 5 rounds of boots, and \(there)"), "\(text)")
            #expect(text.contains("; a verdict needs more rounds (--rounds)"), "\(text)")
            let effect = try #require(report.cells[0].effect)
            #expect(abs(effect - 100) < 3)
            #expect(!text.contains("One boot"))
        }
        let five = try kernels(5) { if $0.arm == .b { $0.operations *= 2 } }
        #expect(five.cells[0].outcome == .improved)
        #expect(!words(five).contains("verdict needs"))
    }

    @Test func roundsAreCountedAndTheSpreadOfBootsAndOfBlocksIsShown() throws {
        // A and B have the faster boot in turn.
        let report = try kernels(8) { slice in
            if slice.arm == ((slice.round ?? 0) % 2 == 0 ? .a : .b) { slice.operations += 1000 }
        }
        let text = words(report)
        #expect(text.contains("rule 8 rounds of 4 blocks a cell, looks after 5, 6, 7 and 8 rounds"))
        #expect(text.contains("boots 8 rounds of both"))
        #expect(text.contains("n=8"))
        #expect(text.contains("p, and n rounds of boots"))
        let spread = try #require(report.cells[0].spread)
        #expect(spread.between > 0.08 && spread.between < 0.12)
        #expect(try #require(spread.within) < 0.02)
        #expect(text.contains("between boots, "))
        #expect(text.contains("more boots decide (about --rounds "))
        let cell = try #require(try report.json().at("cells.0"))
        #expect(cell["between_boot_sd_percent"]?.double == 100 * spread.between)
        #expect(cell["within_boot_sd_percent"]?.double == spread.within.map { 100 * $0 })
        #expect(try #require(cell["rounds_needed"]?.double) > 8)
        #expect(cell["blocks_needed"] == nil)
    }

    @Test func whereBlocksVaryMoreThanBootsLongerBootsAreAdvised() throws {
        let report = try kernels(8) { slice in
            // In a boot one, two or three blocks of four favour B, and the others A.
            let (round, block) = (slice.round ?? 0, (slice.block ?? 0) % 4)
            let favoured: Arm = block < [3, 1, 2, 2][round % 4] ? .b : .a
            if slice.arm == favoured { slice.operations += 4000 }
        }
        let text = words(report)
        #expect(report.cells[0].outcome == .inconclusive)
        #expect(text.contains("longer boots decide (about "), "\(text)")
        #expect(text.contains(" blocks each, --budget "), "\(text)")
        #expect(try report.json().at("cells.0.round_blocks_needed") != nil)
    }

    @Test func aRoundThatEndedEarlyIsNoUnit() throws {
        // The ninth round has one block of four.
        var builder = JournalBuilder(blocks: 40)
        builder.journal.header.plan.kind = .ab
        builder.journal.header.plan.comparison?.knobs = []
        builder.journal.header.plan.comparison?.rounds = 10
        builder.add(33, noise: 0.05) { $0.round = ($0.block ?? 0) / 4 }
        let report = try VerdictReport(builder.ended())
        #expect(report.cells[0].rounds <= 8)
        #expect(report.cells[0].incompleteBlocks == 1)
        #expect(report.text().contains("note: 1 block ended early, or their round did"))
    }

    @Test func oneKernelAtATimeIsSaid() throws {
        let text = try kernels(2, alternate: true).text()
        #expect(text.contains("boots    one kernel at a time, each block over a pair of boots\n"))
        #expect(!text.contains("hold for"))
        #expect(!(try VerdictReport(Self.journal()).text().contains("boots    ")))
    }

    @Test func stallsOfReclaimAreShownByArmWhereThereIsPressure() throws {
        for pressure in ["memcg", "cgroup", "none"] {
            var builder = JournalBuilder(cells: ["pipe/x/\(pressure)"])
            builder.journal.header.plan.suite.cells[0].pressure = pressure
            builder.add(24) { slice in
                slice.pressure.proof = ["allocstall": slice.arm == .a ? 406 : 320]
            }
            let report = try VerdictReport(builder.ended())
            let isShown = report.text().contains("  reclaim stalls/s: A 812, B 640\n")
            #expect(isShown == (pressure != "none"))
            let evidence = try #require(try report.json().at("cells.0.evidence"))
            #expect(evidence["stalls_per_second_a"]?.double == 812)
            #expect(evidence["stalls_per_second_b"]?.double == 640)
        }
    }

    @Test func whatTheWorkersThemselvesStalledIsShownWhereItIsKnown() throws {
        var builder = JournalBuilder(cells: ["pipe/x/memcg"])
        builder.add(24) { slice in
            slice.pressure.proof = ["allocstall": 406]
            slice.evidence.workers["reclaim_stalls"] = slice.arm == .a ? 20 : 10
            slice.evidence.workers["reclaim_stall_us"] = slice.arm == .a ? 4500 : 2250
        }
        let report = try VerdictReport(builder.ended())
        #expect(
            report.text().contains(
                "  direct reclaim by workers 30.0/s (A 40.0/s, 9.0 ms/s; B 20.0/s, 4.5 ms/s)\n"))
        let evidence = try #require(try report.json().at("cells.0.evidence"))
        #expect(evidence["worker_stall_ms_per_second_b"]?.double == 4.5)
        #expect(evidence["worker_stalls_per_second"]?.double == 30)
        #expect(try report.json().at("cells.0.worker_pressure") == .text("pressed"))
    }

    /// A cell's arms with so many direct reclaims of the workers in each slice of half a second.
    private static func pressed(
        _ pressure: String, a: Int64?, b: Int64?
    ) throws -> VerdictReport {
        var builder = JournalBuilder(cells: ["pipe/x/\(pressure)"])
        builder.add(24) { slice in
            slice.evidence.workers["reclaim_stalls"] = slice.arm == .a ? a : b
        }
        return try VerdictReport(builder.ended())
    }

    @Test func workersThatWereNotInDirectReclaimAreNotCalledPressed() throws {
        let report = try Self.pressed("memcg", a: 0, b: 0)
        #expect(report.cells[0].workerPressure == .unpressed)
        #expect(report.cells[0].tags.contains("workers-unpressured"))
        let text = report.text().split { $0.isWhitespace }.joined(separator: " ")
        #expect(
            text.contains(
                "workers-unpressured: workers were not in direct reclaim (0.00 a second over both "
                    + "arms): nothing is said of pressure"))
        #expect(try report.json().at("cells.0.worker_pressure") == .text("not pressed"))
    }

    @Test func theArmsArePooledBecauseTheChangeMayMoveReclaim() throws {
        #expect(try Self.pressed("memcg", a: 2, b: 0).cells[0].workerPressure == .pressed)
        #expect(try Self.pressed("memcg", a: 0, b: 2).cells[0].workerPressure == .pressed)
    }

    @Test func whatAnArmDidNotCountIsNotJudged() throws {
        for (a, b) in [(Int64?.none, Int64?(1)), (nil, nil)] {
            let report = try Self.pressed("memcg", a: a, b: b)
            #expect(report.cells[0].workerPressure == .unmeasured)
            #expect(!report.cells[0].tags.contains("workers-unpressured"))
        }
        #expect(try Self.pressed("none", a: 0, b: 0).cells[0].workerPressure == nil)
    }

    @Test func eachUnitHasTheReclaimsOfRequestsOfBothArms() throws {
        var builder = JournalBuilder(cells: ["dio/x/memcg"])
        builder.add(8) { slice in
            slice.evidence.workers["request_reclaims"] = slice.arm == .a ? 3 : 0
        }
        let cell = try VerdictReport(builder.ended()).cells[0]
        #expect(cell.unitTotals.count == 8)
        #expect(cell.unitTotals.allSatisfy { $0.a.requestReclaims == 6 })
        #expect(cell.unitTotals.allSatisfy { $0.b.requestReclaimRate == 0 })
        #expect(cell.evidence["request_reclaims_per_second_a"] == 6)
    }

    @Test func theTableHasTheShortNameAndTheJSONTheFullOne() throws {
        var builder = JournalBuilder()
        builder.journal.header.plan.suite.cells[0].shortName = "pipe 1w1r"
        builder.add(24)
        let report = try VerdictReport(builder.ended())
        #expect(report.text().contains("\npipe 1w1r\n"))
        #expect(try report.json().at("cells.0.name") == .text("pipe/1w1r/64KiB/none"))
    }

    @Test func noLineIsLongerThanEightyColumns() throws {
        for line in try VerdictReport(Self.journal()).text().split(separator: "\n") {
            #expect(line.count <= 80, "\(line)")
        }
    }

    @Test func coloursChangeNothingButTheColours() throws {
        let report = try VerdictReport(Self.journal())
        var plain = report.text(style: .colored)
        #expect(plain.contains("\u{1b}[31m") && plain.contains("\u{1b}[32m"))
        for code in ["0", "1", "2", "31", "32", "33"] {
            plain = plain.split(separator: "\u{1b}[\(code)m", omittingEmptySubsequences: false)
                .joined()
        }
        #expect(plain == report.text())
    }

    @Test func aCalibrationIsShownAndAMissedBandIsSaidLoudly() throws {
        var report = try VerdictReport(Self.journal())
        var builder = JournalBuilder(
            rule: .fixed, knobs: [.init(kind: .setting, target: "timing", a: "op", b: "op")])
        builder.journal.header.plan.comparison?.placeboUnits = 6
        builder.add(240, noise: 0.05)
        var record = try Calibration(builder.ended()).record(seed: 1)
        record.bestSlice = nil
        record.placebos.cells[0].outcomes = ["regressed": 2, "improved": 1, "inconclusive": 37]
        report.calibration = record
        func text() -> String { report.text().replacing("\n", with: " ") }
        #expect(
            text().contains(
                "A/A comparisons on this machine: 3 of 40 found a difference (0 to 5 in order at 5%); "
                    + "1 improved, 2 regressed; pooled"))
        record.bestSlice = 20_000_000
        report.calibration = record
        #expect(text().contains("Slices of 20ms find"))
        record.placebos.cells[0].outcomes["regressed"] = 31
        report.calibration = record
        #expect(text().contains("OUT OF RANGE"))
        #expect(
            try report.json().at("calibration.placebos.cells.0.outcomes.regressed") == .integer(31))
        record.machine.cpus = 64
        report.calibration = record
        #expect(!text().contains("OUT OF RANGE"))
    }
}
