// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Protocol

extension CgroupPressure: PressureKind {
    package func start(on host: PressureHost) throws(PlumblineError) -> any RunningPressure {
        try MemoryHierarchy.checkCharging()
        try MemoryBudget.read().check(
            host.workloadBytes, for: "the workload's buffers",
            remedy: "lower its sizes, depth or workers")
        let placement = try HogPlacement(of: self, beside: host.workers)
        return try host.changing { changes throws(PlumblineError) in
            let group = try Cgroup.create(changes: changes)
            let processes =
                burners == 0
                ? nil
                : try HogProcesses(
                    burners, kind: Self.name, group: group, cpus: placement.hogs, changes: changes
                ) { Churn.burnForever(report: $0) }
            _ = try host.wait(seconds: 60) { () throws(PlumblineError) in
                try processes?.checkAlive()
                return processes?.isReady ?? true
            }
            return Running(
                group: group, burners: processes, placement: placement, changes: changes)
        }
    }

    package func plannedChanges() throws(PlumblineError) -> [PlannedChange] {
        Cgroup.plannedChanges() + plannedHogs(burners)
    }

    private final class Running: RunningPressure {
        let workloadGroup: Cgroup?
        let placement: HogPlacement
        private let burners: HogProcesses?
        private let changes: ChangeStack

        init(
            group: Cgroup, burners: HogProcesses?, placement: HogPlacement, changes: ChangeStack
        ) {
            workloadGroup = group
            self.placement = placement
            self.burners = burners
            self.changes = changes
        }

        func rest() { burners?.signal(ChildProcess.stopSignal) }
        func resume() throws(PlumblineError) { burners?.signal(ChildProcess.continueSignal) }
        func checkAlive() throws(PlumblineError) { try burners?.checkAlive() }

        /// What the kernel reclaimed in the group, which in a control is nothing.
        func proof(
            over changes: KernelCounters, seconds: Double, threshold: Double
        ) -> PressureRecord {
            ReclaimProof(changes).recordWithoutVerdict(kind: CgroupPressure.name)
        }

        func stop() -> [String] { changes.undoAll() }
    }
}
