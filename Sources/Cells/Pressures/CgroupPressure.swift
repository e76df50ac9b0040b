// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// A memory control group without a limit: what a cell under `memcg` is held against.
///
/// It makes no memory scarce. The kernel charges the workload's memory to the group and reclaims
/// none of it; burners take from the CPUs what hogs would.
package struct CgroupPressure: PressureDescription {
    package static let name = "cgroup"
    package static let summary = "no pressure: the workload in a memory cgroup without a limit"
    package static let makesMemoryScarce = false
    package static let keys = Keys()
    package static let settings = keys.settings

    /// Its settings.
    package struct Keys: SettingGroup {
        let burners = SettingKey<Int>(
            "burners", .count(0...1024), default: 0,
            help: "how many processes in the group burn CPU, and use no memory")
        let hogCPUs = CommonSettings.hogCPUs
    }

    package let values: SettingValues
    package let burners: Int
    package let hogCPUs: CPUSet?

    package init(_ values: SettingValues) {
        self.values = values
        burners = values[Self.keys.burners]
        hogCPUs = values[Self.keys.hogCPUs]
    }

    package func hogs(onCPUs cpus: Int) -> Int { burners }

    /// The settings of the two controls of a group with hogs: without a burner, and with one in
    /// the place of each hog.
    static func controls(hogs: Int, on cpus: CPUSet?) -> [[String: SettingValue]] {
        var burning: [String: SettingValue] = [keys.burners.name: .integer(hogs)]
        burning[keys.hogCPUs.name] = cpus?.settingValue
        return [[:], burning]
    }
}
