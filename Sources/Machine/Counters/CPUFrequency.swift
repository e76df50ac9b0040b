// SPDX-License-Identifier: GPL-3.0-or-later

/// The CPUs' frequencies (Documentation/admin-guide/pm/cpufreq.rst).
enum CPUFrequency {
    private static let directory = "/sys/devices/system/cpu"

    /// `scaling_cur_freq` in kHz by CPU number; nil without frequency scaling, as in most virtual
    /// machines.
    static func current(in tree: SystemTree = .live) -> [String: Int64]? {
        guard tree.exists("\(directory)/cpu0/cpufreq") else { return nil }
        var result: [String: Int64] = [:]
        for name in tree.list(directory) {
            guard name.hasPrefix("cpu"), Int(name.dropFirst(3)) != nil,
                let kilohertz = tree.readInteger("\(directory)/\(name)/cpufreq/scaling_cur_freq")
            else { continue }
            result[String(name.dropFirst(3))] = Int64(kilohertz)
        }
        return result.isEmpty ? nil : result
    }
}
