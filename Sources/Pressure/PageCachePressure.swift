// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// A file larger than the machine's memory, read from end to end for ever.
struct PageCachePressure: PressureKind {
    static let name = "pagecache"
    static let summary = "readers that sweep a file larger than the machine's memory"
    static let settings = [
        Setting(
            "factor", .number(1.05...64), default: 1.5, "the file's size, in times of MemTotal"),
        Setting("hogs", .count(1...1024), default: 1, "how many readers"),
        Setting("hog_cpus", .cpus, default: nil, "CPUs that they may run on; any unless told"),
        Setting(
            "directory", .path, default: nil,
            "where the file is, not in memory; TMPDIR or the current one unless told"),
    ]

    private let values: SettingValues

    init(_ values: SettingValues) throws(PlumblineError) { self.values = values }

    var cellName: String { values.cellName(Self.name) }

    func start(on host: PressureHost) throws(PlumblineError) -> any RunningPressure {
        let budget = try MemoryBudget.read()
        // The cache gives way; the workload's buffers do not.
        try budget.check(
            host.workloadBytes, for: "pagecache: the workload", remedy: "lower its buffers")
        let changes = host.changes()
        do {
            return try start(on: host, memory: budget.total, changes)
        } catch {
            changes.undoAll()
            throw error
        }
    }

    private func start(
        on host: PressureHost, memory: Int, _ changes: ChangeStack
    ) throws(PlumblineError) -> any RunningPressure {
        let size = (Int(Double(memory) * values.number("factor")) >> 20) << 20
        let hogs = values.integer("hogs")
        let cpus = try values.hogCPUs()
        let file = try Churn.openFile(
            size: size, directory: values.churnDirectory, changes: changes)
        let before = KernelCounters.readReclaim(group: nil)
        let crew = try HogCrew(hogs, kind: Self.name, cpus: cpus, changes: changes) {
            (report) throws(Errno) in
            try Churn.readForever(file, size: size, warm: 1 << 20, hogs: hogs, report: report)
        }
        let isOn = try host.wait(seconds: 600) { () throws(PlumblineError) in
            try crew.checkAlive()
            // A whole sweep without reclaim: the proof of each slice will say so.
            return crew.isReady
                && (Self.hasReclaimed(since: before) || crew.bytes >= UInt64(size))
        }
        guard isOn else {
            throw .failure(
                "pagecache: the readers did not fill the memory in ten minutes",
                remedy: "add hogs, or set directory= to one on a local disk")
        }
        return HogPressure(kind: Self.name, group: nil, crew: crew, on: host, changes: changes)
    }

    private static func hasReclaimed(since before: KernelCounters) -> Bool {
        let changes = (KernelCounters.readReclaim(group: nil) - before).vmstat ?? [:]
        return ["pgscan_kswapd", "pgscan_direct"].contains { (changes[$0] ?? 0) > 0 }
    }
}
