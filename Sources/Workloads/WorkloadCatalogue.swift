// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Every workload there is.
public enum WorkloadCatalogue {
    /// In the order of the help texts.
    public static let all: [any Workload.Type] = [
        PipeWorkload.self, SpliceWorkload.self, DirectWorkload.self, FaultWorkload.self,
    ]

    /// The workload of this name.
    ///
    /// - Throws: `usage` with the known names.
    public static func named(_ name: String) throws(PlumblineError) -> any Workload.Type {
        guard let found = all.first(where: { $0.name == name }) else {
            throw SettingValues.unknown(
                name, among: all.map { $0.name }, in: "cells", what: "workload")
        }
        return found
    }

    /// The workload that a cell names, with its settings.
    ///
    /// - Throws: `usage` for a workload, a setting or a value that there is not.
    public static func workload(of cell: CellPlan) throws(PlumblineError) -> any Workload {
        let type = try named(cell.workload)
        return try type.init(
            SettingValues(cell.settings, declared: type.settings, place: type.name))
    }
}
