// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// A memory control group at its limit: the workload lives in it with page-cache churners, or with
/// anonymous hogs that swap to zram.
struct MemcgPressure: PressureKind {
    static let name = "memcg"
    static let summary = "the workload in a memory cgroup that hogs keep at its limit"
    static let settings = [
        Setting(
            "limit", .size((4 << 20)...(1 << 46)), default: 67_108_864,
            "memory.max (v2) or memory.limit_in_bytes (v1) of the group"),
        Setting(
            "high", .size((4 << 20)...(1 << 46)), default: nil,
            "memory.high of the group, v2 only; absent for none"),
        Setting(
            "swap", .flag, default: false,
            "anonymous hogs and a zram swap device instead of page-cache churners"),
        Setting("hogs", .count(1...1024), default: 1, "how many churners or hogs"),
        Setting(
            "churn_size", .size((8 << 20)...(1 << 46)), default: nil,
            "bytes that they go round in; 4 times the limit (swap: 2 times) unless told"),
        Setting("hog_cpus", .cpus, default: nil, "CPUs that they may run on; any unless told"),
        Setting(
            "directory", .path, default: nil,
            "where the churned file is, not in memory; TMPDIR or the current one unless told"),
    ]

    private let values: SettingValues
    private let limit: Int
    private let high: Int?
    private let swap: Bool
    private let hogs: Int
    private let churnSize: Int

    init(_ values: SettingValues) throws(PlumblineError) {
        self.values = values
        limit = values.integer("limit")
        high = values.optionalInteger("high")
        swap = values.flag("swap")
        hogs = values.integer("hogs")
        churnSize = values.optionalInteger("churn_size") ?? limit * (swap ? 2 : 4)
        if churnSize <= limit {
            throw values.invalid(
                "churn_size", "fits into the limit, so that nothing need be reclaimed",
                remedy: "make it larger than limit=\(ByteSize(limit))")
        }
        if let high, high > limit {
            throw values.invalid(
                "high", "is above limit=\(ByteSize(limit)) and never reached",
                remedy: "lower high")
        }
    }

    var cellName: String { values.cellName(Self.name) }

    /// What the group needs beside the workload's buffers: a hog's own pages and the kernel's.
    private var overhead: Int { (2 << 20) + hogs * (1 << 20) }

    func start(on host: PressureHost) throws(PlumblineError) -> any RunningPressure {
        let room = min(limit, high ?? limit)
        guard room >= host.workloadBytes + overhead else {
            throw .usage(
                "memcg: limit=\(ByteSize(room)) is smaller than the workload's buffers of "
                    + "\(ByteSize(host.workloadBytes)) and the hogs' own \(ByteSize(overhead))",
                remedy: "raise limit, or lower the workload's msgsize, iodepth or workers")
        }
        // What is swapped out is in memory too, compressed; half is a safe bound.
        try MemoryBudget.read().check(
            limit + (swap ? churnSize / 2 : 0), for: "memcg", remedy: "lower limit")
        let changes = host.changes()
        do {
            return try start(on: host, changes)
        } catch {
            changes.undoAll()
            throw error
        }
    }

    private func start(
        on host: PressureHost, _ changes: ChangeStack
    ) throws(PlumblineError) -> any RunningPressure {
        let device = swap ? try Zram.startSwap(size: churnSize * 2, changes: changes) : nil
        let group = try Cgroup.create(changes: changes)
        try group.setLimit(limit)
        if let high { try group.setHigh(high) }
        if device == nil { try group.setSwapLimit(0) }
        let before = KernelCounters.readReclaim(group: group)
        let crew = try startCrew(group, changes)
        let isOn = try host.wait(seconds: 60) { () throws(PlumblineError) in
            try crew.checkAlive()
            let changes = KernelCounters.readReclaim(group: group) - before
            return crew.isReady
                && ReclaimProof(changes)
                    .record(kind: Self.name, seconds: 1, threshold: 0).proven == true
        }
        guard isOn else {
            throw .failure(
                "memcg: a minute of churning did not make the kernel reclaim in \(group.path)",
                remedy: "set directory= to one on a local disk, or lower limit")
        }
        return HogPressure(kind: Self.name, group: group, crew: crew, on: host, changes: changes)
    }

    private func startCrew(
        _ group: Cgroup, _ changes: ChangeStack
    ) throws(PlumblineError) -> HogCrew {
        let cpus = try values.hogCPUs()
        if swap {
            return try HogCrew(
                hogs, kind: Self.name, group: group, cpus: cpus, changes: changes
            ) { (report) throws(Errno) in
                try Churn.dirtyForever(bytes: churnSize / hogs, report: report)
            }
        }
        let file = try Churn.openFile(
            size: churnSize, directory: values.churnDirectory, changes: changes)
        return try HogCrew(
            hogs, kind: Self.name, group: group, cpus: cpus, changes: changes
        ) { (report) throws(Errno) in
            try Churn.readForever(
                file, size: churnSize, warm: limit + limit / 4, hogs: hogs, report: report)
        }
    }
}
