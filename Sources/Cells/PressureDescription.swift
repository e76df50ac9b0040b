// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// What can be said of a way to make memory scarce without doing it; `Pressure` adds the hogs.
///
/// A new one is one file here, one in `Pressure`, and one line in `PressureCatalogue`.
package protocol PressureDescription: Sendable {
    /// The word in suites, and the last part of cell names.
    static var name: String { get }
    /// One line for a help text.
    static var summary: String { get }
    /// Whether workers under it ought to be in direct reclaim; those under a control ought not.
    static var makesMemoryScarce: Bool { get }
    /// Its settings.
    static var settings: [Setting] { get }

    /// Checks that the values go together.
    ///
    /// - Throws: `usage`, naming the setting and the remedy.
    init(_ values: SettingValues) throws(PlumblineError)

    /// The settings' values.
    var values: SettingValues { get }
    /// Texts of settings that cell names spell in another way.
    var spelled: [String: String] { get }
    /// Programs that a guest needs for it.
    var guestPrograms: Set<GuestProgram> { get }
    /// Bytes of memory that a guest needs for it.
    var guestMemory: Int { get }
    /// The settings of its controls, each a cgroup without a limit; none unless it is one of a group.
    var controls: [[String: SettingValue]] { get }
    /// Whether it is pressure only if the kernel reclaims.
    var mustReclaim: Bool { get }
    /// The CPUs that hogs are held to, where the user says so.
    var hogCPUs: CPUSet? { get }
    /// How many hogs there are on a machine of so many CPUs.
    func hogs(onCPUs cpus: Int) -> Int
    /// Refuses a pressure that leaves less than a workload's own buffers.
    ///
    /// What the hogs need beside them is known to the agent alone.
    func check(beside workload: any WorkloadDescription) throws(PlumblineError)
}

extension PressureDescription {
    package static var makesMemoryScarce: Bool { true }
    package var spelled: [String: String] { [:] }
    package var guestPrograms: Set<GuestProgram> { [] }
    package var guestMemory: Int { GuestProgram.usualMemory }
    package var controls: [[String: SettingValue]] { [] }
    package var mustReclaim: Bool { Self.makesMemoryScarce }
    package var hogCPUs: CPUSet? { nil }
    package func hogs(onCPUs cpus: Int) -> Int { 0 }
    package func check(beside workload: any WorkloadDescription) throws(PlumblineError) {}

    /// The cell name's last part: the kind, and the settings that differ from their defaults.
    ///
    /// Paths are left out: they hold slashes and say where, not what.
    package var cellName: String {
        var parts = [Self.name]
        for (setting, value) in values.changed where setting.kind != .path {
            parts.append("\(setting.name)=\(spelled[setting.name] ?? setting.text(of: value))")
        }
        return parts.joined(separator: "-")
    }
}
