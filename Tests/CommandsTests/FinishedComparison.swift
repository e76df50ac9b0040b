// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Experiment
import Journal
import Linux
import Protocol

/// The journal of a finished comparison of two kernels, with an effect that is known: no kernel is
/// built or booted for it.
struct FinishedComparison {
    /// B's rate over A's.
    var effect: Double
    /// ±X.
    var equivalence = 0.02
    /// The range of a slice's rate, as a fraction.
    var noise = 0.004
    var cells = ["pipe/1w1r/4KiB/none"]
    /// Names the experiment, with the time of its begin.
    var number: UInt64 = 1
    /// Rounds that were measured before it was interrupted; it ended with all of them.
    var measured = Self.rounds

    static let rounds = 8

    /// Writes the journal.
    func write(to path: String) throws {
        let writer = try JournalWriter.create(at: path)
        try writer.append(header())
        var events: [JournalEvent] = []
        var generator = SplitMix64(seed: 5)
        for cell in cells {
            for number in 0..<(8 * measured) {
                events.append(.slice(slice(cell, number, of: 8, by: &generator)))
            }
        }
        let state = measured < Self.rounds ? JournalEvent.Ending.State.interrupted : .finished
        try writer.append(events + [.end(.init(state: state, at: 2))])
    }

    /// The first line.
    func header() throws -> JournalHeader {
        let plans = cells.map {
            CellPlan(
                name: $0, workload: "pipe", settings: ["msgsize": 4096], pressure: "none",
                pressureSettings: [:])
        }
        let suite = SuiteRecord(
            name: "example", summary: "", slice: 50_000_000, guardTime: 10_000_000, warmup: 0,
            slices: 3, pressureThreshold: 100, cells: plans)
        func machine(_ name: String) -> GuestMachine {
            GuestMachine(label: name, place: "a guest", agent: .init(executable: ""))
        }
        let plan = try Plan.ab(
            suite, a: machine("good"), b: machine("step"),
            stopping: StoppingPlan(blocks: 2 * Self.rounds, rounds: Self.rounds).judgedOnce(),
            equivalence: equivalence, rounds: Self.rounds, seed: 1)
        return JournalHeader(
            id: "20260101T000000Z-\(number)", startedAt: number, host: Self.host, plan: plan)
    }

    /// A slice of a cell: the blocks are ABBA.
    ///
    /// - Parameter round: slices of a round.
    func slice(
        _ cell: String, _ number: Int, of round: Int, by generator: inout SplitMix64
    ) -> SliceRecord {
        let arm: Arm = [0, 3].contains(number % 4) ? .a : .b
        let noise = 1 + noise * (Double(generator.next() >> 11) * 0x1p-53 - 0.5)
        let operations = UInt64(100_000 * ((arm == .b ? effect : 1) * noise))
        let track = TrackRecord(
            operations: operations, bytes: operations * 4096, interval: 50_000_000)
        return SliceRecord(
            cell: cell, arm: arm, number: number / 2, block: number / 4, round: number / round,
            position: number % 4, startedAt: 1, operations: operations, bytes: operations * 4096,
            interval: 50_000_000, tracks: ["write": track],
            pressure: PressureRecord(kind: "none", proven: nil, threshold: nil, proof: [:]),
            evidence: EvidenceRecord(), validity: Validity())
    }

    private static let host = Hello(
        toolVersion: "0.1.0", kernelRelease: "6.1.0", kernelVersion: "#1", machine: "x86_64",
        buildID: nil, cpus: 2, cpuModel: nil, memory: 1 << 30, pageSize: 4096, cgroupVersion: 0,
        clockSource: "tsc", timer: "tsc", timerCost: 9, timingCost: 20, capabilities: [])
}
