// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Every pressure there is.
package enum PressureCatalogue {
    /// In the order of the help texts.
    package static let all: [any PressureDescription.Type] = [
        NoPressure.self, CgroupPressure.self, MemcgPressure.self, AnonPressure.self,
        PageCachePressure.self, StressNgPressure.self,
    ]

    /// The pressure of this name.
    ///
    /// - Throws: `usage` with the known names.
    package static func named(
        _ name: String
    ) throws(PlumblineError) -> any PressureDescription.Type {
        guard let found = all.first(where: { $0.name == name }) else {
            throw .unknown("pressure", name, among: all.map { $0.name })
        }
        return found
    }

    /// A pressure with its settings, checked.
    ///
    /// - Throws: `usage` for a name, setting or value that does not exist.
    package static func make(
        _ name: String, _ settings: [String: SettingValue] = [:]
    ) throws(PlumblineError) -> any PressureDescription {
        let type = try named(name)
        return try type.init(
            SettingValues(settings, declared: type.settings, owner: type.name))
    }
}
