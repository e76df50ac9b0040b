// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Machine
import Protocol

extension NoPressure: PressureKind {
    /// Does nothing, where the workload's own buffers leave the machine its reserve.
    package func start(on host: PressureHost) throws(PlumblineError) -> any RunningPressure {
        if host.workloadBytes > 0 {
            try MemoryBudget.read().check(
                host.workloadBytes, for: "the workload's buffers",
                remedy: "lower its sizes, depth or workers")
        }
        return Running()
    }

    package func plannedChanges() throws(PlumblineError) -> [PlannedChange] { [] }

    private final class Running: RunningPressure {
        let workloadGroup: Cgroup? = nil
        let placement = HogPlacement()
        func rest() {}
        func resume() throws(PlumblineError) {}
        func checkAlive() throws(PlumblineError) {}

        func proof(
            over changes: KernelCounters, seconds: Double, threshold: Double
        ) -> PressureRecord {
            ReclaimProof(changes).recordWithoutVerdict(kind: NoPressure.name)
        }

        func stop() -> [String] { [] }
    }
}
