// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// The pressures there are.
public enum PressureCatalogue {
    /// All of them, in the order of help texts.
    public static let all: [any PressureKind.Type] = [
        NoPressure.self, MemcgPressure.self, AnonPressure.self, PageCachePressure.self,
    ]

    /// The pressure of a name.
    ///
    /// - Throws: `usage` with the nearest name when there is none.
    public static func named(_ name: String) throws(PlumblineError) -> any PressureKind.Type {
        if let kind = all.first(where: { $0.name == name }) { return kind }
        throw SettingValues.unknown(
            name, among: all.map { $0.name }, in: "suite", what: "pressure")
    }

    /// A pressure with what it is told, checked.
    ///
    /// - Throws: `usage` for a name, setting or value that cannot be.
    public static func make(
        _ name: String, _ told: [String: SettingValue] = [:]
    ) throws(PlumblineError) -> any PressureKind {
        let kind = try named(name)
        return try kind.init(SettingValues(told, declared: kind.settings, place: kind.name))
    }
}
