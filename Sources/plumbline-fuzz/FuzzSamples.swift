// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Histogram
import Journal
import Protocol
import Suites

/// Records as an agent and a controller make them, small enough to be read often.
enum FuzzSamples {
    static let hello = Hello(
        toolVersion: plumblineVersion, kernelRelease: "6.12.0", kernelVersion: "#1 SMP",
        machine: "x86_64", buildID: "0123abcd", cpus: 2, cpuModel: "A \"quoted\" CPU",
        memory: 24 << 30, pageSize: 4096, cgroupVersion: 2, clockSource: "tsc", timer: "tsc",
        timerCost: 9.5, timingCost: 21.25, capabilities: ["root"])

    static let latency: LatencyRecord = {
        var histogram = HistogramCoding.empty()
        for value in [900, 1_000, 1_200, 2_100] as [UInt64] { histogram.record(value, count: 25) }
        // Four values make a record.
        return LatencyRecord(histogram, closedLoop: true)!
    }()

    static let visit = VisitRecord(
        cell: "x", visit: 1, setUpTime: 12_000_000, evidence: EvidenceRecord(vmstat: ["pgfault": 7])
    )

    /// What a kernel did for a cell.
    static func mechanism(of cell: String) -> CellMechanism {
        var traced = slice(cell)
        traced.mechanism = MechanismRecord(
            counts: [
                MechanismCount(.pages, 14, per: 1000),
                MechanismCount(.pages, of: "pipe_write", 13.5, per: 1000),
                MechanismCount(.waitP99, 9_000, per: 1000),
            ], events: 100)
        return CellMechanism(cell: cell, arm: .b, [traced, traced])
    }

    /// A slice that counts.
    static func slice(_ cell: String = "x", number: Int = 0) -> SliceRecord {
        let track = TrackRecord(
            operations: 100, bytes: 409_600, interval: 500_000_000, latency: latency)
        return SliceRecord(
            cell: cell, number: number, startedAt: 1_763_683_200_000_000_000,
            operations: UInt64(100 + number), bytes: 409_600, interval: 500_000_000,
            tracks: ["write": track],
            pressure: PressureRecord(
                kind: "x", proven: true, threshold: 100, proof: ["allocstall": 3]),
            evidence: EvidenceRecord(
                vmstat: ["pgfault": 12], workers: ["reclaim_stalls": 2, "reclaim_stall_us": 40]),
            validity: Validity())
    }

    /// The journals of a run, of a toggle and of two kernels, each with all kinds of lines.
    ///
    /// - Parameter blocks: of each cell of two arms.
    static func journals(blocks: Int) throws(PlumblineError) -> [[UInt8]] {
        var run = try suite()
        run.cells = Array(run.cells.prefix(1))
        var toggle = run
        toggle.cells = Array(try suite().cells.prefix(2))
        var comparison = ComparisonRecord(
            arms: .init(a: .init(label: "x=1"), b: .init(label: "x=2")),
            knobs: [.init(kind: .setting, target: "x", a: "1", b: "2")], rule: .budget, blocks: 6)
        let knobs = Plan(.toggle, toggle, seed: 1, comparison: comparison)
        comparison.knobs = []
        comparison.rounds = 6
        comparison.rule = .untilDecided
        comparison.mostBlocks = 60
        comparison.arms.a.guest = guest("a")
        comparison.arms.b.guest = guest("b")
        return [
            try journal(of: Plan(.run, run, seed: 7), blocks: nil),
            try journal(of: knobs, blocks: blocks),
            try journal(of: Plan(.ab, run, seed: 1, comparison: comparison), blocks: blocks),
        ]
    }

    private static func suite() throws(PlumblineError) -> SuiteRecord {
        try SuiteParser.parse(SuiteSource.find("demo"))
    }

    private static func guest(_ image: String) -> GuestRecord {
        GuestRecord(
            image: image, accelerator: "tcg", metric: .time, machine: "microvm", cpus: 2,
            memory: 1 << 30, nodes: 1, pins: [], commandLine: "console=ttyS0")
    }

    /// - Parameter blocks: nil for one arm.
    private static func journal(
        of plan: Plan, blocks: Int?
    ) throws(PlumblineError) -> [UInt8] {
        var lines = try JournalLine.encode(
            JournalHeader(id: "20261121T000000Z-1", startedAt: 1, host: hello, plan: plan))
        for block in 0..<(blocks ?? 1) {
            if plan.bootsRounds {
                let hosts: [Arm: Hello] = block == 0 ? [.a: hello, .b: hello] : [:]
                lines += try JournalLine.encode(
                    .round(RoundRecord(round: block, first: .a, hosts: hosts, at: 1)))
            }
            for cell in plan.suite.cells {
                for position in 0..<4 {
                    var record = slice(
                        cell.name, number: blocks == nil ? position : 2 * block + position / 2)
                    if blocks != nil {
                        record.arm = position == 1 || position == 2 ? .b : .a
                        record.block = block
                        record.position = position
                        record.operations += record.arm == .b ? 20 : 0
                        record.round = plan.bootsRounds ? block : nil
                    }
                    lines += try JournalLine.encode(.slice(record))
                }
            }
        }
        var void = slice(plan.suite.cells[0].name, number: 99)
        void.validity.reasons = [Validity.Reason.oomKill.rawValue: "1 process"]
        let error = PlumblineError.failure("no", remedy: "yes")
        let events: [JournalEvent] = [
            .slice(void), .visit(visit),
            .warmupExtended(.init(cell: plan.suite.cells[0].name, firstBlock: 1)),
            .sliceLength(.init(cell: plan.suite.cells[0].name, slice: 1_000_000)),
            .cellFailed(.init(cell: plan.suite.cells[0].name, number: 1, error: error)),
            .mechanism(mechanism(of: plan.suite.cells[0].name)),
            .roundVoid(RoundVoid(round: 2, arm: .b, error: error)),
            .resumed(.init(at: 2, host: hello)), .end(.init(state: .finished, at: 3)),
        ]
        for event in events { lines += try JournalLine.encode(event) }
        return lines
    }
}
