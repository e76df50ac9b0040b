// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// A memory control group at its limit: the workload lives in it with page-cache churners, or with
/// anonymous hogs that swap to zram.
package struct MemcgPressure: PressureDescription {
    package static let name = "memcg"
    package static let summary = "the workload in a memory cgroup that hogs keep at its limit"
    package static let keys = Keys()
    package static let settings = keys.settings

    /// Its settings.
    package struct Keys: SettingGroup {
        let limit = SettingKey<Int>(
            "limit", .size((4 << 20)...(1 << 46)), default: 64 << 20,
            help: "memory.max (v2) or memory.limit_in_bytes (v1) of the group")
        let high = SettingKey<Int?>(
            "high", .size((4 << 20)...(1 << 46)),
            help: "memory.high of the group, v2 only; none without")
        let swap = SettingKey<Bool>(
            "swap", .flag, default: false,
            help: "anonymous hogs and a zram swap device instead of page-cache churners")
        let hogs = SettingKey<Int>(
            "hogs", .count(1...1024), default: 1, help: "how many churners or hogs")
        let churnSize = SettingKey<Int?>(
            "churn_size", .size((8 << 20)...(1 << 46)),
            help: "bytes that they go round in; 4 times the limit (swap: 2 times) without")
        let hogCPUs = CommonSettings.hogCPUs
        let directory = CommonSettings.churnDirectory
    }

    package let values: SettingValues
    package let limit: Int
    package let high: Int?
    package let swap: Bool
    package let hogs: Int
    package let churnSize: Int
    package let hogCPUs: CPUSet?
    package let directory: String?

    package init(_ values: SettingValues) throws(PlumblineError) {
        let keys = Self.keys
        self.values = values
        limit = values[keys.limit]
        high = values[keys.high]
        swap = values[keys.swap]
        hogs = values[keys.hogs]
        churnSize = values[keys.churnSize] ?? limit * (swap ? 2 : 4)
        hogCPUs = values[keys.hogCPUs]
        directory = values[keys.directory]
        if churnSize <= limit {
            throw values.invalid(
                keys.churnSize, "fits into the limit, so that nothing need be reclaimed",
                remedy: "make it larger than limit=\(ByteSize(limit))")
        }
        if let high, high > limit {
            throw values.invalid(
                keys.high, "is above limit=\(ByteSize(limit)) and never reached",
                remedy: "lower high")
        }
    }

    package func hogs(onCPUs cpus: Int) -> Int { hogs }

    package var guestPrograms: Set<GuestProgram> { swap ? [.makeExt4, .makeSwap] : [.makeExt4] }

    package var controls: [[String: SettingValue]] {
        CgroupPressure.controls(hogs: hogs, on: hogCPUs)
    }

    package func check(beside workload: any WorkloadDescription) throws(PlumblineError) {
        func refusal<Value>(_ key: SettingKey<Value>) -> PlumblineError {
            values.invalid(
                key,
                "is smaller than the workload's buffers of "
                    + "\(ByteSize(workload.bufferBytes))",
                remedy: "raise \(key.name), or lower the workload's msgsize, iodepth or workers")
        }
        if limit < workload.bufferBytes { throw refusal(Self.keys.limit) }
        if let high, high < workload.bufferBytes { throw refusal(Self.keys.high) }
    }
}
