// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import SystemPackage

extension PageCachePressure: PressureKind {
    package func start(on host: PressureHost) throws(PlumblineError) -> any RunningPressure {
        let budget = try MemoryBudget.read()
        // The cache gives way; the workload's buffers do not.
        try budget.check(
            host.workloadBytes, for: "pagecache: the workload", remedy: "lower its buffers")
        return try host.changing { changes throws(PlumblineError) in
            try start(on: host, memory: budget.total, changes)
        }
    }

    package func plannedChanges() throws(PlumblineError) -> [PlannedChange] {
        let size = Self.size(of: try MemoryBudget.read().total, times: factor)
        return [plannedFile(size: size, directory: directory)] + plannedHogs(hogs)
    }

    private static func size(of memory: Int, times factor: Double) -> Int {
        (Int(Double(memory) * factor) >> 20) << 20
    }

    private func start(
        on host: PressureHost, memory: Int, _ changes: ChangeStack
    ) throws(PlumblineError) -> any RunningPressure {
        let size = Self.size(of: memory, times: factor)
        let placement = try HogPlacement(of: self, beside: host.workers)
        let file = try Churn.openFile(
            size: size, directory: directory ?? DataDirectory.standard, changes: changes)
        let before = KernelCounters.readReclaim(group: nil)
        let processes = try HogProcesses(
            hogs, kind: Self.name, cpus: placement.hogs, changes: changes
        ) { (report) throws(Errno) in
            try Churn.readForever(file, size: size, warm: 1 << 20, hogs: hogs, report: report)
        }
        let isOn = try host.wait(seconds: 600) { () throws(PlumblineError) in
            try processes.checkAlive()
            // A whole sweep without reclaim: the proof of each slice will say so.
            return processes.isReady
                && (Self.hasReclaimed(since: before) || processes.bytes >= UInt64(size))
        }
        guard isOn else {
            throw .failure(
                "pagecache: the readers did not fill the memory in ten minutes",
                remedy: "add hogs, or set directory= to one on a local disk")
        }
        return HogPressure(
            kind: Self.name, processes: processes, placement: placement, on: host,
            changes: changes)
    }

    private static func hasReclaimed(since before: KernelCounters) -> Bool {
        let changes = (KernelCounters.readReclaim(group: nil) - before).vmstat ?? [:]
        return ["pgscan_kswapd", "pgscan_direct"].contains { (changes[$0] ?? 0) > 0 }
    }
}
