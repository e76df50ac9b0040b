// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

extension CellPlan {
    /// The cells that take this one's effect apart: the same workload in a cgroup without a limit,
    /// then beside burners; none where the pressure is not one of a group.
    ///
    /// A cell is found by its name, which has every setting that differs from its default.
    package var controls: [CellPlan] {
        guard let cell = try? CellDescription(self) else { return [] }
        return cell.pressure.controls.compactMap {
            under(CgroupPressure.name, settings: $0, cell.workload)
        }
    }

    /// The same workload without pressure.
    package var withoutPressure: CellPlan? {
        guard let cell = try? CellDescription(self) else { return nil }
        return under(NoPressure.name, settings: [:], cell.workload)
    }

    private func under(
        _ pressure: String, settings given: [String: SettingValue],
        _ load: any WorkloadDescription
    ) -> CellPlan? {
        guard let description = try? PressureCatalogue.make(pressure, given) else { return nil }
        return CellPlan(
            name: CellDescription(load, under: description).name, workload: workload,
            settings: settings, pressure: pressure, pressureSettings: given)
    }
}
