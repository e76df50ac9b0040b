// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// Settings that several workloads or pressures have.
enum CommonSettings {
    /// Whether each operation is timed.
    enum Timing: String, SettingChoice { case op, off }

    static let timing = SettingKey<Timing>(
        "timing", default: .op, help: "time each operation, or none")
    static let workers = SettingKey<WorkerLayout.Kind>(
        "workers", default: .thread, help: "what a worker is", short: "")
    static let storage = SettingKey<String>(
        "storage", .text, default: "directory", help: "what to make files on: zram:ext4, ...",
        short: "")
    static let directory = SettingKey<String?>(
        "directory", .path, help: "where files go with storage=directory")
    static let pipeSize = SettingKey<Int?>(
        "pipe_size", .size(1...1 << 30),
        help: "bytes that fit into a pipe, which the kernel rounds up; its default without")
    static let handicap = SettingKey<Double>(
        "handicap", .number(0...900), default: 0,
        help: "percent by which operations take longer, as a known answer: "
            + "rate/(1 + handicap/100)")
    static let hogCPUs = SettingKey<CPUSet?>(
        "hog_cpus", .cpus,
        help: "CPUs that hogs may run on; without, one each beside the workers' where there are "
            + "enough, else any")
    static let churnDirectory = SettingKey<String?>(
        "directory", .path,
        help: "where the churned file is, not in memory; TMPDIR or the current one without")

    static func verify(_ help: String) -> SettingKey<Bool> {
        SettingKey("verify", .flag, default: false, help: help)
    }

    static func cpus(_ name: String, of workers: String) -> SettingKey<CPUSet?> {
        SettingKey(name, .cpus, help: "the CPUs that \(workers) are held to")
    }

    static func node(_ name: String, of workers: String) -> SettingKey<Int?> {
        SettingKey(name, .count(0...1023), help: "the node of the \(workers)' CPUs and memory")
    }
}

extension CPUSet: SettingConvertible {
    /// A list of CPUs or nodes.
    public init?(_ value: SettingValue) { self.init(list: value.text) }
    /// The list as text.
    public var settingValue: SettingValue { .text("\(self)") }
}

extension SettingValues {
    /// The handicap, percent.
    ///
    /// - Throws: `usage` with a rate, which would make good for it.
    func handicap<Rate: SettingConvertible & Numeric>(
        besides rate: SettingKey<Rate>
    ) throws(PlumblineError) -> Double {
        let percent = self[CommonSettings.handicap]
        guard percent == 0 || self[rate] == 0 else {
            throw invalid(
                CommonSettings.handicap, "changes nothing at a fixed \(rate.name)",
                remedy: "leave out handicap or \(rate.name)")
        }
        return percent
    }
}
