// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Histogram
import Journal
import Protocol
import Statistics

/// Makes journals with two arms, whose truth is known.
struct JournalBuilder {
    /// What a slice is, before it goes into the journal; a test may change it.
    typealias Change = (inout SliceRecord) -> Void

    var journal: StoredJournal
    private var generator: SplitMix64
    private var visits: [String: Int] = [:]
    private var blocks: [String: Int] = [:]

    init(
        cells: [String] = ["pipe/1w1r/64KiB/none"], rule: ComparisonRecord.Rule = .budget,
        blocks: Int = 24, knobs: [ComparisonRecord.Knob]? = nil, suite: String = "example",
        seed: UInt64 = 7
    ) {
        generator = SplitMix64(seed: seed)
        let plans = cells.map {
            CellPlan(
                name: $0, workload: String($0.prefix { $0 != "/" }), settings: ["msgsize": 65536],
                pressure: $0.hasSuffix("memcg") ? "memcg" : "none", pressureSettings: [:])
        }
        journal = StoredJournal(
            header: JournalHeader(
                id: "20261121T000000Z-1", startedAt: 1, host: Self.host,
                plan: Plan(
                    .toggle,
                    SuiteRecord(
                        name: suite, summary: "what a comparison looks like", slice: 500_000_000,
                        guardTime: 125_000_000, warmup: 0, slices: 3, pressureThreshold: 100,
                        cells: plans), seed: 42,
                    comparison: ComparisonRecord(
                        arms: .init(a: .init(label: "vm.x=1"), b: .init(label: "vm.x=2")),
                        knobs: knobs ?? [
                            .init(kind: .file, target: "/proc/sys/vm/x", a: "1", b: "2")
                        ], rule: rule, blocks: blocks))))
    }

    static let host = Hello(
        toolVersion: "0.1.0", kernelRelease: "6.1.0-18-amd64", kernelVersion: "#1",
        machine: "x86_64", buildID: "0123456789abcdef0123", cpus: 2,
        cpuModel: "Example CPU 2.4 GHz", memory: 24 << 30, pageSize: 4096, cgroupVersion: 2,
        clockSource: "tsc", timer: "tsc", timerCost: 9.53, timingCost: 21.2, capabilities: [])

    static func latency(_ factor: UInt64 = 100) -> LatencyRecord? {
        var histogram = HistogramCoding.empty()
        for value in 1...1000 { histogram.record(UInt64(value) * factor) }
        return LatencyRecord(histogram, closedLoop: true)
    }

    /// Adds blocks of one cell.
    ///
    /// - Parameters:
    ///   - effect: B's rate over A's.
    ///   - noise: the deviation of a slice's rate, as a fraction.
    mutating func add(
        _ count: Int, of cell: String? = nil, effect: Double = 1, noise: Double = 0.01,
        warmup: Bool? = nil, latency: Bool = false, change: Change = { _ in }
    ) {
        let name = cell ?? journal.header.plan.suite.cells[0].name
        for _ in 0..<count {
            let number = blocks[name, default: 0]
            blocks[name] = number + 1
            let order: BlockOrder = generator.next() >> 63 == 0 ? .abba : .baab
            for (position, isB) in order.isCandidate.enumerated() {
                let arm: Arm = isB ? .b : .a
                let visit = visits["\(name) \(arm)", default: 0]
                visits["\(name) \(arm)"] = visit + 1
                let operations = 10_000 * (isB ? effect : 1) * (1 + noise * deviate())
                var slice = Self.slice(
                    name, UInt64(operations), latency: latency ? Self.latency(isB ? 90 : 100) : nil)
                slice.arm = arm
                slice.number = visit
                slice.block = number
                slice.position = position
                slice.warmup = warmup
                change(&slice)
                journal.add(.slice(slice))
            }
        }
    }

    /// The sum of twelve uniform numbers: near enough to a normal one.
    private mutating func deviate() -> Double {
        (0..<12).reduce(-6.0) { sum, _ in
            sum + Double(generator.next() >> 11) * 0x1p-53
        }
    }

    static func slice(
        _ cell: String, _ operations: UInt64, number: Int = 0, latency: LatencyRecord? = nil
    ) -> SliceRecord {
        let track = TrackRecord(
            operations: operations, bytes: operations * 65536, interval: 500_000_000,
            latency: latency)
        return SliceRecord(
            cell: cell, number: number, startedAt: 1, operations: operations,
            bytes: operations * 65536, interval: 500_000_000,
            tracks: ["write": track, "read": track],
            pressure: PressureRecord(kind: "none", proven: nil, threshold: nil, proof: [:]),
            evidence: EvidenceRecord(), validity: Validity())
    }

    /// The journal as it ended.
    func ended() -> StoredJournal {
        var journal = journal
        journal.add(.end(.init(state: .finished, at: 1)))
        return journal
    }

    /// The journal of a run with one arm; each number makes another run.
    static func run(
        operations: UInt64, slices: Int = 3, cells: [String] = ["pipe/1w1r/64KiB/none"],
        number: UInt64 = 1
    ) -> StoredJournal {
        var journal = JournalBuilder(cells: cells).journal
        journal.header.startedAt = number
        journal.header.plan.comparison = nil
        journal.header.plan.kind = .run
        for cell in cells {
            for visit in 0..<slices {
                journal.add(.slice(slice(cell, operations, number: visit)))
            }
        }
        return journal
    }
}
