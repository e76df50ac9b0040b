// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// The program stress-ng(1) with its `vm` stressors, as published figures were measured beside it.
///
/// stress-ng divides `--vm-bytes` by the number of stressors, and takes a percentage of what is
/// free (MemFree), not of what is available. Up to 100 % of that fits beside everything else, so
/// that the kernel need not reclaim: such slices count as they are, and their record says how much
/// was reclaimed. Over 100 % they count only with the proof that any pressure needs.
package struct StressNgPressure: PressureDescription {
    package static let name = "stress-ng"
    package static let summary = "Debian's stress-ng with vm stressors, as published"
    package static let keys = Keys()
    package static let settings = keys.settings

    /// Command lines that figures were published for.
    package enum Preset: String, SettingChoice, Sendable {
        /// `--vm 2 --vm-bytes 50% --vm-keep`: the text of the pipe patch.
        case keep = "vm2-50%-keep"
        /// `--vm 4 --vm-bytes 80% --vm-method all`: the script that came with it.
        case all = "vm4-80%-all"
    }

    /// Its settings.
    package struct Keys: SettingGroup {
        let preset = SettingKey<Preset>(
            "preset", default: .keep,
            help: "--vm 2 --vm-bytes 50% --vm-keep, or --vm 4 --vm-bytes 80% --vm-method all")
        let count = SettingKey<Int?>(
            "vm", .count(1...1024), help: "how many stressors; the preset's without")
        let percent = SettingKey<Double?>(
            "vm_bytes", .number(0.01...400),
            help: "how much they hold in all, percent of MemFree; the preset's without")
        let keeps = SettingKey<Bool?>(
            "vm_keep", .flag, help: "--vm-keep: write to the same memory; the preset's without")
        let method = SettingKey<String?>(
            "vm_method", .text, help: "--vm-method; the preset's without")
        let swap = SettingKey<String?>(
            "swap", .text,
            help: "a zram swap device of ours, \(SwapQuantity.allowed): 60% goes with "
                + "vm_bytes=110; the machine's own swap without")
        let hogCPUs = CommonSettings.hogCPUs
    }

    package let values: SettingValues
    /// How many stressors.
    package let count: Int
    /// What they hold in all, percent of MemFree.
    package let percent: Double
    package let keeps: Bool
    package let method: String?
    package let swap: SwapQuantity?
    package let hogCPUs: CPUSet?

    package init(_ values: SettingValues) throws(PlumblineError) {
        let keys = Self.keys
        self.values = values
        let isKeep = values[keys.preset] == .keep
        count = values[keys.count] ?? (isKeep ? 2 : 4)
        percent = values[keys.percent] ?? (isKeep ? 50 : 80)
        keeps = values[keys.keeps] ?? isKeep
        method = values[keys.method] ?? (isKeep ? nil : "all")
        swap = try SwapQuantity(values[keys.swap], of: Self.name)
        hogCPUs = values[keys.hogCPUs]
        if let method, !method.allSatisfy({ $0.isLowercase || $0.isNumber || $0 == "-" }) {
            throw .usage(
                "invalid value '\(method)' for \(Self.name).\(keys.method.name) "
                    + "(allowed: a method of stress-ng)",
                remedy: "stress-ng --vm-method list names them")
        }
    }

    package var spelled: [String: String] {
        swap.map { [Self.keys.swap.name: "\($0)"] } ?? [:]
    }

    /// Whether it holds more than is free, so that the kernel has to reclaim.
    package var mustReclaim: Bool { percent > 100 }

    /// The command line: without a time limit, without a new stressor for one that the OOM killer
    /// has killed, and with the same numbers in each run.
    package var arguments: [String] {
        [
            GuestProgram.stressNg.rawValue, "--vm", "\(count)",
            "--vm-bytes", "\(SwapQuantity.percent(percent))",
        ] + (keeps ? ["--vm-keep"] : []) + (method.map { ["--vm-method", $0] } ?? [])
            + ["--timeout", "0", "--oomable", "--no-rand-seed"]
    }

    package var guestPrograms: Set<GuestProgram> {
        swap == nil ? [.stressNg] : [.stressNg, .makeSwap]
    }

    /// The stressors hold a share of what is free, and their swap comes out of the rest.
    package var guestMemory: Int { (mustReclaim ? 3 : 2) << 30 }

    package func hogs(onCPUs cpus: Int) -> Int { count }
}
