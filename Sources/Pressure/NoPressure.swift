// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Machine
import Protocol

/// Memory as it is.
struct NoPressure: PressureKind {
    static let name = "none"
    static let summary = "memory as it is"
    static let settings: [Setting] = []

    /// Nothing to check.
    init(_ values: SettingValues) throws(PlumblineError) {}

    var cellName: String { Self.name }

    /// Does nothing, where the workload's own buffers leave the machine its reserve.
    func start(on host: PressureHost) throws(PlumblineError) -> any RunningPressure {
        if host.workloadBytes > 0 {
            try MemoryBudget.read().check(
                host.workloadBytes, for: "the workload's buffers",
                remedy: "lower its sizes, depth or workers")
        }
        return Running()
    }

    private final class Running: RunningPressure {
        let workloadGroup: Cgroup? = nil
        func rest() {}
        func resume() throws(PlumblineError) {}
        func checkAlive() throws(PlumblineError) {}

        func proof(
            over changes: KernelCounters, seconds: Double, threshold: Double
        ) -> PressureRecord {
            // The same counts as under pressure, so that reclaim nobody asked for shows.
            let record = ReclaimProof(changes)
                .record(kind: NoPressure.name, seconds: seconds, threshold: threshold)
            return PressureRecord(
                kind: record.kind, proven: nil, threshold: nil, proof: record.proof)
        }

        func stop() -> [String] { [] }
    }
}
