// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A cell's workload and pressure, with their settings checked.
package struct CellDescription {
    /// The workload.
    package let workload: any WorkloadDescription
    /// The pressure.
    package let pressure: any PressureDescription

    /// A cell of these.
    package init(_ workload: any WorkloadDescription, under pressure: any PressureDescription) {
        self.workload = workload
        self.pressure = pressure
    }

    /// Reads a cell's plan.
    ///
    /// - Throws: `usage` for a name, setting or value that does not exist.
    package init(_ plan: CellPlan) throws(PlumblineError) {
        workload = try WorkloadCatalogue.make(plan.workload, plan.settings)
        pressure = try PressureCatalogue.make(plan.pressure, plan.pressureSettings)
    }

    /// The cell's name: `pipe/2w1r/64KiB/1MiB/memcg`.
    package var name: String {
        [type(of: workload).name, workload.cellName, pressure.cellName]
            .filter { !$0.isEmpty }.joined(separator: "/")
    }

    /// Programs that a guest must carry for it.
    package var guestPrograms: Set<GuestProgram> {
        workload.guestPrograms.union(pressure.guestPrograms)
    }

    /// Bytes of memory that a guest must have for it.
    package var guestMemory: Int { max(workload.guestMemory, pressure.guestMemory) }
}

extension CellPlan {
    /// Whether reclaim is watched: of a pressure there must be some, of a control none.
    package var hasPressure: Bool { pressure != NoPressure.name }

    /// Whether its workers ought to be in direct reclaim; no for a pressure that this version does
    /// not have.
    package var makesMemoryScarce: Bool {
        PressureCatalogue.all.first { $0.name == pressure }?.makesMemoryScarce ?? false
    }

    /// The foreign program that it runs; nil for a workload of ours.
    package var program: ProgramUse? { (try? CellDescription(self))?.workload.program }

    /// The numbers of a foreign program that its slices have; none where the rate is what counts.
    package var metrics: [MetricRequest] { (try? CellDescription(self))?.workload.metrics ?? [] }

    /// What the cell's rate counts; bytes for a workload that this version does not have.
    package var rateUnit: RateUnit {
        WorkloadCatalogue.all.first { $0.name == workload }?.rateUnit ?? .bytes
    }
}
