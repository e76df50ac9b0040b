// SPDX-License-Identifier: GPL-3.0-or-later

/// One workload set-up with one pressure: what an agent runs.
public struct CellPlan: Codable, Sendable {
    /// The cell's stable name, such as `pipe/2w1r/64KiB/1MiB/memcg`.
    public var name: String
    /// The name for people, with what tells it from the other cells of its suite, such as
    /// `pipe 2w1r memcg`; absent where no suite gave one.
    public var shortName: String?
    /// The workload's name.
    public var workload: String
    /// The workload's settings; the others have their defaults.
    public var settings: [String: SettingValue]
    /// The pressure's name.
    public var pressure: String
    /// The pressure's settings; the others have their defaults.
    public var pressureSettings: [String: SettingValue]
    /// The label that it shares with cells that measure the same by other means; nil for none.
    public var peer: String?

    private enum CodingKeys: String, CodingKey {
        case name
        case shortName = "short_name"
        case workload, settings, pressure
        case pressureSettings = "pressure_settings"
        case peer
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

extension CellPlan: Equatable {
    /// The name for people; the full one where there is no short one.
    public var label: String { shortName ?? name }

    /// Equal when an agent runs the same: the short name depends on the other cells, and the label
    /// says what they are compared with.
    public static func == (a: CellPlan, b: CellPlan) -> Bool {
        a.name == b.name && a.workload == b.workload && a.settings == b.settings
            && a.pressure == b.pressure && a.pressureSettings == b.pressureSettings
    }
}
