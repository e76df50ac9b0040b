// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Histogram
import Protocol
import Testing

@testable import Journal
@testable import Reports

struct RunReportTests {
    private static let cells = [
        "pipe/1w1r/64KiB/1MiB/none", "pipe/1w1r/64KiB/1MiB/memcg",
        "dio/randread/4KiB/qd32/io_uring/zram:ext4/none", "splice/tee/none", "pipe/2w1r/none",
    ]

    private static func latency(_ values: [UInt64], closedLoop: Bool = true) -> LatencyRecord? {
        var histogram = HistogramCoding.empty()
        for value in values { histogram.record(value) }
        return LatencyRecord(histogram, closedLoop: closedLoop)
    }

    private static func slice(
        _ cell: String, _ number: Int, operations: UInt64, tracks: [String], bytes: UInt64 = 65536,
        latency: LatencyRecord? = nil
    ) -> SliceRecord {
        let track = TrackRecord(
            operations: operations, bytes: operations * bytes, interval: 500_000_000,
            latency: latency)
        return SliceRecord(
            cell: cell, number: number, startedAt: 1, operations: operations,
            bytes: operations * bytes, interval: 500_000_000,
            tracks: Dictionary(uniqueKeysWithValues: tracks.map { ($0, track) }),
            pressure: PressureRecord(kind: "none", proven: nil, threshold: nil, proof: [:]),
            evidence: EvidenceRecord(), validity: Validity())
    }

    static let journal: StoredJournal = {
        let host = Hello(
            toolVersion: "0.1.0", kernelRelease: "6.1.0-18-amd64", kernelVersion: "#1",
            machine: "x86_64", buildID: "0123456789abcdef0123", cpus: 2,
            cpuModel: "Example CPU 2.4 GHz", memory: 24 << 30, pageSize: 4096, cgroupVersion: 2,
            clockSource: "tsc", timer: "tsc", timerCost: 9.53, timingCost: 21.2, capabilities: [])
        let suite = SuiteRecord(
            name: "example", summary: "what a table looks like", slice: 500_000_000,
            guardTime: 125_000_000, warmup: 0, slices: 3, pressureThreshold: 100,
            cells: cells.map {
                CellPlan(
                    name: $0, workload: String($0.prefix { $0 != "/" }), settings: [:],
                    pressure: $0.hasSuffix("memcg") ? "memcg" : "none", pressureSettings: [:])
            })
        var journal = StoredJournal(
            header: JournalHeader(
                id: "x", startedAt: 1, host: host, plan: Plan(.run, suite, seed: 42)))
        let timed = latency((1...1000).map { $0 * 100 })
        for visit in 0..<3 {
            journal.add(
                .slice(
                    slice(
                        cells[0], visit, operations: UInt64(9000 + 500 * visit),
                        tracks: ["write", "read"], latency: timed)))
            var pressed = slice(
                cells[1], visit, operations: 4000, tracks: ["write", "read"], latency: timed)
            pressed.pressure = PressureRecord(
                kind: "memcg", proven: visit != 1, threshold: 100,
                proof: ["pgscan_direct": visit == 1 ? 3 : 61_700])
            if visit == 1 {
                pressed.validity = Validity([
                    .unpressured: "the kernel reclaimed less than 100 pages a second"
                ])
            }
            journal.add(.slice(pressed))
            journal.add(
                .slice(
                    slice(
                        cells[2], visit, operations: 302_500, tracks: ["read"], bytes: 4096,
                        latency: latency([50_000, 2_100_000], closedLoop: false))))
        }
        journal.add(
            .cellFailed(
                .init(
                    cell: cells[3], number: 0,
                    error: .failure(
                        "tee(2) is not permitted here, because the sandbox forbids it to everybody",
                        remedy: "run it outside"))))
        journal.add(.end(.init(state: .interrupted, at: 1)))
        journal.warnings = ["x.jsonl: line 9 is torn"]
        return journal
    }()

    @Test func theTableReadsLikeThis() {
        #expect(
            RunReport(Self.journal, exitCode: 0).text() == """
                example: what a table looks like
                kernel   Linux 6.1.0-18-amd64 x86_64, build 0123456789ab
                machine  2 CPUs, Example CPU 2.4 GHz, 24.0 GiB
                clock    tsc, read as tsc in 9.53ns; timing an operation takes 21.2ns
                slices   3 a cell of 500ms, guard 125ms, seed 42

                                 median     ±  slices    mean     p50     p99   p99.9     max
                pipe/1w1r/64KiB/1MiB/none
                  write      1188 MiB/s  5.3%       3  50.1us  50.0us  99.0us  99.9us   100us
                  read       1188 MiB/s  5.3%          50.1us  50.0us  99.0us  99.9us   100us
                pipe/1w1r/64KiB/1MiB/memcg
                  write     500.0 MiB/s  0.0%     2/3  50.1us  50.0us  99.0us  99.9us   100us
                  read      500.0 MiB/s  0.0%          50.1us  50.0us  99.0us  99.9us   100us
                  reclaim  123K pages/s  0.0%
                  void: 1 x unpressured, for example: the kernel reclaimed less than 100 pages a
                    second
                dio/randread/4KiB/qd32/io_uring/zram:ext4/none (open loop)
                  read        605K IOPS  0.0%       3  1.08ms  50.0us  2.10ms  2.10ms  2.10ms
                splice/tee/none
                  could not run: tee(2) is not permitted here, because the sandbox forbids it to
                    everybody
                  run it outside
                pipe/2w1r/none
                  not measured

                5 cells, 9 slices, 1 void, 1 cell could not run; interrupted.
                Rates: the median over the slices, ± half of their range. Latency: over all
                slices that count; closed loop (an operation waits for the one before it) unless
                the cell says open loop (latency counts from when the operation was due).
                Reclaim: pages scanned in direct reclaim.
                  warning: x.jsonl: line 9 is torn

                """)
    }

    @Test func noLineIsLongerThanEightyColumns() {
        for line in RunReport(Self.journal, exitCode: 0).text().split(separator: "\n") {
            #expect(line.count <= 80, "\(line)")
        }
    }

    @Test func figuresOfAnEmulatedGuestAreLabelled() {
        for (accelerator, isEmulated) in [("kvm", false), ("tcg", true)] {
            var journal = Self.journal
            journal.header.plan.guest = GuestRecord(
                image: "bzImage", accelerator: accelerator, metric: .time, machine: "microvm",
                cpus: 2, memory: 1 << 30, nodes: 1, pins: [], commandLine: "")
            let text = RunReport(journal, exitCode: 0).text()
            #expect(text.contains("The guests were emulated.") == isEmulated)
        }
    }

    @Test func coloursAreOnlyForTerminalsWithoutNoColor() {
        #expect(TextStyle(isTerminal: true, noColor: nil) == .colored)
        #expect(TextStyle(isTerminal: true, noColor: "") == .colored)
        #expect(TextStyle(isTerminal: true, noColor: "1") == .plain)
        #expect(TextStyle(isTerminal: false, noColor: nil) == .plain)
        #expect(!RunReport(Self.journal, exitCode: 0).text().contains("\u{1b}"))
        #expect(RunReport(Self.journal, exitCode: 0).text(style: .colored).contains("\u{1b}[31m"))
    }

    @Test func slicesThatDoNotCountAreInNoFigure() throws {
        let cell = RunReport(Self.journal, exitCode: 0).cells[1]
        #expect(cell.valid == 2)
        #expect(cell.void == 1)
        #expect(cell.voids == ["unpressured": 1])
        #expect(cell.tracks[0].latency?.count == 2000)
    }

    @Test func theSpreadIsHalfTheRangeRelativeToTheMedian() {
        let cell = RunReport(Self.journal, exitCode: 0).cells[0]
        #expect(cell.operationRate?.median == 19_000)
        #expect(cell.operationRate?.halfRange == 1000.0 / 19_000)
    }

    @Test func mergedLatencyIsThatOfAllValuesTogether() throws {
        let low = try #require(Self.latency(Array(repeating: 1000, count: 99)))
        let high = try #require(Self.latency([50_000]))
        var sum = LatencySum()
        for record in [low, high] { sum.add(LatencyText.encode(record)) }
        let both = try #require(sum.record)
        #expect(both.count == 100)
        #expect(both.min == 1000)
        #expect(both.max == high.max)
        #expect(both.p50 == low.p50)
        #expect(abs(both.mean - (99 * low.mean + high.mean) / 100) < 1e-9)
    }

    @Test func theJSONDocumentHoldsNoFigureThatWasNotMeasured() throws {
        let text = String(
            decoding: try LineCodec.encode(RunReport(Self.journal, exitCode: 130).document),
            as: UTF8.self)
        #expect(text.contains(#""schema":"plumbline.report/1""#))
        #expect(text.contains(#""exit_code":130"#))
        #expect(text.contains(#""arms":{"A":{"slices":0,"voids":{}}}"#))
        #expect(!text.contains("null"))
    }
}
