// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol

/// Writes journals of kernels in guests whose truth is known.
struct GateJournal {
    static let cell = "pipe/1w1r/64KiB/none"

    var suite = "pipe-prealloc"
    var kernels = ("6.12", "6.12")
    /// The rate of arm A, and of arm B over it.
    var level = 1.0
    var effect = 1.0
    var noise = 0.01
    var rounds = 8
    var seed: UInt64 = 1
    var cpus = 2
    /// Rounds of each A/A comparison; nil where the arms are compared.
    var placeboUnits: Int?
    /// Why the cell could not run.
    var failure: PlumblineError?

    /// Writes the journal.
    func write(to path: String) throws {
        let writer = try JournalWriter.create(at: path)
        try writer.append(header)
        var generator = SplitMix64(seed: seed)
        var events: [JournalEvent] = []
        for round in 0..<rounds {
            events.append(
                .round(.init(round: round, first: .a, hosts: [.a: host, .b: host], at: 1)))
            for block in 3 * round..<3 * round + 3 {
                for position in 0..<4 {
                    let isB = [1, 2].contains(position)
                    let draw = (0..<12).reduce(-6.0) { sum, _ in
                        sum + Double(generator.next() >> 11) * 0x1p-53
                    }
                    let rate = level * (isB ? effect : 1) * (1 + noise * draw)
                    var slice = Self.slice(UInt64(max(1, 10_000 * rate)))
                    slice.arm = isB ? .b : .a
                    slice.round = round
                    slice.block = block
                    slice.position = position
                    slice.number = 2 * block + (position > 1 ? 1 : 0)
                    events.append(.slice(slice))
                }
            }
        }
        if let failure {
            events.append(
                .cellFailed(.init(cell: Self.cell, arm: .b, number: 0, error: failure)))
        }
        try writer.append(events + [.end(.init(state: .finished, at: 2))])
    }

    /// Writes the journal of a run of the first kernel on the machine itself.
    func writeRun(to path: String) throws {
        var header = header
        header.plan.kind = .run
        header.plan.comparison = nil
        let writer = try JournalWriter.create(at: path)
        try writer.append(header)
        let slices = (0..<3).map { number in
            var slice = Self.slice(UInt64(10_000 * level))
            slice.number = number
            return JournalEvent.slice(slice)
        }
        try writer.append(slices + [.end(.init(state: .finished, at: 2))])
    }

    private var host: Hello {
        Hello(
            toolVersion: "0.1.0", kernelRelease: "6.1.0", kernelVersion: "#1", machine: "x86_64",
            buildID: nil, cpus: cpus, cpuModel: "Example", memory: 1 << 30, pageSize: 4096,
            cgroupVersion: 2, clockSource: "tsc", timer: "tsc", timerCost: 9, timingCost: 20,
            capabilities: [])
    }

    private func arm(_ kernel: String) -> ComparisonRecord.Arm {
        .init(
            label: kernel,
            guest: GuestRecord(
                image: "/cache/\(kernel)/bzImage", accelerator: "kvm", metric: .time,
                machine: "microvm", cpus: 2, memory: 1 << 30, nodes: 1, pins: [], commandLine: ""))
    }

    private var header: JournalHeader {
        let plan = CellPlan(
            name: Self.cell, workload: "pipe", settings: [:], pressure: "none",
            pressureSettings: [:])
        var comparison = ComparisonRecord(
            arms: .init(a: arm(kernels.0), b: arm(kernels.1)), rule: .fixed, blocks: 3 * rounds)
        comparison.rounds = rounds
        comparison.placeboUnits = placeboUnits
        return JournalHeader(
            id: "20261121T000000Z-\(seed)", startedAt: seed, host: host,
            plan: Plan(
                .ab,
                SuiteRecord(
                    name: suite, summary: "an example", slice: 50_000_000, guardTime: 10_000_000,
                    warmup: 0, slices: 3, pressureThreshold: 100, cells: [plan]), seed: seed,
                comparison: comparison))
    }

    private static func slice(_ operations: UInt64) -> SliceRecord {
        SliceRecord(
            cell: cell, number: 0, startedAt: 1, operations: operations,
            bytes: operations * 65536, interval: 50_000_000, tracks: [:],
            pressure: PressureRecord(kind: "none", proven: nil, threshold: nil, proof: [:]),
            evidence: EvidenceRecord(), validity: Validity())
    }
}
