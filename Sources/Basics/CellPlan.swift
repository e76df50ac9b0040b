// SPDX-License-Identifier: GPL-3.0-or-later

/// One workload set-up with one pressure: what an agent runs.
public struct CellPlan: Codable, Sendable, Equatable {
    /// The cell's stable name, such as `pipe/2w1r/64KiB/1MiB/memcg`.
    public var name: String
    /// The workload's name.
    public var workload: String
    /// The workload's settings; the others have their defaults.
    public var settings: [String: SettingValue]
    /// The pressure's name.
    public var pressure: String
    /// The pressure's settings; the others have their defaults.
    public var pressureSettings: [String: SettingValue]

    private enum CodingKeys: String, CodingKey {
        case name, workload, settings, pressure
        case pressureSettings = "pressure_settings"
    }

    /// A cell.
    public init(
        name: String, workload: String, settings: [String: SettingValue], pressure: String,
        pressureSettings: [String: SettingValue]
    ) {
        self.name = name
        self.workload = workload
        self.settings = settings
        self.pressure = pressure
        self.pressureSettings = pressureSettings
    }
}
