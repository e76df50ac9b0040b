// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Journal

/// Something in which an experiment is not the set-up of a claim.
package struct ClaimDifference: Sendable, Equatable {
    /// What it is, in words: `2 CPUs of at least 16`.
    package let text: String
    /// Whether it is that the machine was emulated.
    package var isEmulation = false
}

extension ClaimSetUp {
    /// In what a machine is not that of the set-up.
    ///
    /// A virtual machine and bare hardware both execute the kernel on the CPU, and count as alike.
    package func differences(on machine: ClaimMachine) -> [ClaimDifference] {
        var all: [ClaimDifference] = []
        if let platform, (platform == .emulated) != (machine.platform == .emulated) {
            let isEmulated = machine.platform == .emulated
            all.append(
                ClaimDifference(
                    text: isEmulated ? "emulated" : "not emulated", isEmulation: isEmulated))
        }
        if let cpus, machine.cpus < cpus {
            let text = Decimal.count(machine.cpus, "CPU") + " of at least \(cpus)"
            all.append(ClaimDifference(text: text))
        }
        if let architecture, machine.architecture != architecture {
            all.append(ClaimDifference(text: "\(machine.architecture) not \(architecture)"))
        }
        if let kernels, !kernels.contains(where: { Self.isRelease(machine.kernel, of: $0) }) {
            let versions = kernels.joined(separator: " or ")
            all.append(ClaimDifference(text: "Linux \(machine.kernel) not \(versions)"))
        }
        return all
    }

    private static func isRelease(_ release: String, of version: String) -> Bool {
        guard release.hasPrefix(version) else { return false }
        return release.dropFirst(version.count).first.map { !$0.isNumber } ?? true
    }

    /// In what a cell is not that of the set-up.
    package func differences(of cell: CellPlan) -> [ClaimDifference] {
        let description = try? CellDescription(cell)
        var all: [String] = []
        if let pressure {
            if pressure != cell.pressure {
                let mine =
                    cell.makesMemoryScarce
                    ? "\(cell.pressure) hogs"
                    : cell.hasPressure ? "in a memory cgroup" : "no memory pressure"
                all.append(pressure == NoPressure.name ? mine : "\(mine) not \(pressure)")
            } else {
                all += Self.differences(
                    pressureSettings, cell.pressureSettings, checked: description?.pressure.values)
            }
        }
        all += Self.differences(settings, cell.settings, checked: description?.workload.values)
        let context = description?.workload.completion
        if let completion, context?.rawValue != completion {
            let claimed = StorageSpec.Completion(rawValue: completion)?.words ?? completion
            all.append("requests complete \(context?.words ?? "somewhere unknown") not \(claimed)")
        }
        return all.map { ClaimDifference(text: $0) }
    }

    /// The claimed settings that have another value: `iodepth 32 not 128`. The word `default` stands
    /// for a setting that is not given.
    ///
    /// - Parameter checked: the cell's settings with defaults; nil for a cell that this version
    ///   cannot read.
    private static func differences(
        _ claimed: [String: SettingValue]?, _ given: [String: SettingValue],
        checked: SettingValues?
    ) -> [String] {
        (claimed ?? [:]).sorted { $0.key < $1.key }.compactMap { name, value in
            let setting = checked?.declared.first { $0.name == name }
            let wanted =
                value.text == "default" ? nil : setting.flatMap { try? $0.parse(value) } ?? value
            let actual = checked?.values[name] ?? given[name]
            guard actual != wanted else { return nil }
            func text(_ value: SettingValue?) -> String {
                value.map { setting?.text(of: $0) ?? $0.text } ?? "default"
            }
            return "\(name) \(text(actual)) not \(text(wanted))"
        }
    }
}
