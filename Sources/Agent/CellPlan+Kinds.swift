// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration
import Workloads

extension WorkloadCatalogue {
    /// The workload that a cell names, with its settings.
    static func workload(of cell: CellPlan) throws(PlumblineError) -> any Workload {
        let type = try named(cell.workload)
        return try type.init(
            SettingValues(cell.settings, declared: type.settings, place: type.name))
    }
}
