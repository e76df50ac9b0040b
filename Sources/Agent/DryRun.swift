// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Machine
import Pressure
import Protocol

/// The changes of this machine that orders would make, in the order in which `OrderExecutor` makes
/// them; nothing is done.
struct DryRun {
    private var storages: Set<StorageSpec> = []
    private var pressure: CellPlan?
    private var countsReclaim = false

    /// The changes for a cell that those before it did not need.
    ///
    /// - Throws: `usage` for a cell that cannot be.
    mutating func changes(for plan: CellPlan) throws(PlumblineError) -> [PlannedChange] {
        let cell = try CellDescription(plan)
        var changes: [PlannedChange] = []
        if let storage = cell.workload.storage, storages.insert(storage).inserted {
            changes += storage.plannedChanges()
        }
        if pressure?.pressure != plan.pressure
            || pressure?.pressureSettings != plan.pressureSettings
        {
            changes += try cell.pressure.kind.plannedChanges()
            pressure = plan
        }
        if plan.hasPressure, !countsReclaim, GuestFacts.tracesReclaim {
            changes += DelayAccounting.plannedChanges()
            countsReclaim = true
        }
        return changes
    }
}
