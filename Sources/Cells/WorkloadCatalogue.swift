// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Every workload there is.
package enum WorkloadCatalogue {
    /// In the order of the help texts.
    package static let all: [any WorkloadDescription.Type] = [
        PipeWorkload.self, SpliceWorkload.self, DirectWorkload.self, FaultWorkload.self,
        CommandWorkload.self,
    ]

    /// The workload of this name.
    ///
    /// - Throws: `usage` with the known names.
    package static func named(
        _ name: String
    ) throws(PlumblineError) -> any WorkloadDescription.Type {
        guard let found = all.first(where: { $0.name == name }) else {
            throw .unknown("workload", name, among: all.map { $0.name })
        }
        return found
    }

    /// A workload with its settings, checked.
    ///
    /// - Throws: `usage` for a name, setting or value that does not exist.
    package static func make(
        _ name: String, _ settings: [String: SettingValue] = [:]
    ) throws(PlumblineError) -> any WorkloadDescription {
        let type = try named(name)
        return try type.init(
            SettingValues(settings, declared: type.settings, owner: type.name))
    }
}
