// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// A file larger than the machine's memory, read from end to end for ever.
package struct PageCachePressure: PressureDescription {
    package static let name = "pagecache"
    package static let summary = "readers that sweep a file larger than the machine's memory"
    package static let keys = Keys()
    package static let settings = keys.settings

    /// Its settings.
    package struct Keys: SettingGroup {
        let factor = SettingKey<Double>(
            "factor", .number(1.05...64), default: 1.5,
            help: "the file's size, in times of MemTotal")
        let hogs = SettingKey<Int>("hogs", .count(1...1024), default: 1, help: "how many readers")
        let hogCPUs = CommonSettings.hogCPUs
        let directory = CommonSettings.churnDirectory
    }

    package let values: SettingValues
    /// The file's size, in times of MemTotal.
    package let factor: Double
    package let hogs: Int
    package let hogCPUs: CPUSet?
    package let directory: String?

    package init(_ values: SettingValues) {
        self.values = values
        factor = values[Self.keys.factor]
        hogs = values[Self.keys.hogs]
        hogCPUs = values[Self.keys.hogCPUs]
        directory = values[Self.keys.directory]
    }

    package func hogs(onCPUs cpus: Int) -> Int { hogs }

    /// The file is on the guest's own file system.
    package var guestPrograms: Set<GuestProgram> { [.makeExt4] }
}
