// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import SystemPackage

extension MemcgPressure: PressureKind {
    /// What the group needs beside the workload's buffers: a hog's own pages and the kernel's.
    private var overhead: Int { (2 << 20) + hogs * (1 << 20) }

    package func start(on host: PressureHost) throws(PlumblineError) -> any RunningPressure {
        let room = min(limit, high ?? limit)
        guard room >= host.workloadBytes + overhead else {
            throw .usage(
                "\(Self.name): limit=\(ByteSize(room)) is smaller than the workload's buffers of "
                    + "\(ByteSize(host.workloadBytes)) and the hogs' own \(ByteSize(overhead))",
                remedy: "raise limit, or lower the workload's msgsize, iodepth or workers")
        }
        // What is swapped out is in memory too, compressed; half is a safe bound.
        try MemoryBudget.read().check(
            limit + (swap ? churnSize / 2 : 0), for: Self.name, remedy: "lower limit")
        return try host.changing { changes throws(PlumblineError) in
            try start(on: host, changes)
        }
    }

    package func plannedChanges() throws(PlumblineError) -> [PlannedChange] {
        let limits = high.map { ", memory.high to \(ByteSize($0))" } ?? ""
        let group =
            Cgroup.plannedChanges() + [
                PlannedChange("set its memory limit to \(ByteSize(limit))\(limits)")
            ]
        return swap
            ? Zram.plannedSwap(size: churnSize * 2) + group + plannedHogs(hogs)
            : group + [plannedFile(size: churnSize, directory: directory)] + plannedHogs(hogs)
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
        let placement = try HogPlacement(of: self, beside: host.workers)
        let processes = try startHogs(group, on: placement.hogs, changes)
        let isOn = try host.wait(seconds: 60) { () throws(PlumblineError) in
            try processes.checkAlive()
            let changes = KernelCounters.readReclaim(group: group) - before
            return processes.isReady
                && ReclaimProof(changes)
                    .record(kind: Self.name, seconds: 1, threshold: 0).proven == true
        }
        guard isOn else {
            throw .failure(
                "\(Self.name): a minute of churning did not make the kernel reclaim in \(group.path)",
                remedy: "set directory= to one on a local disk, or lower limit")
        }
        return HogPressure(
            kind: Self.name, group: group, processes: processes, placement: placement, on: host,
            changes: changes)
    }

    private func startHogs(
        _ group: Cgroup, on cpus: CPUSet?, _ changes: ChangeStack
    ) throws(PlumblineError) -> HogProcesses {
        if swap {
            return try HogProcesses(
                hogs, kind: Self.name, group: group, cpus: cpus, changes: changes
            ) { (report) throws(Errno) in
                try Churn.dirtyForever(bytes: churnSize / hogs, report: report)
            }
        }
        let file = try Churn.openFile(
            size: churnSize, directory: directory ?? DataDirectory.standard, changes: changes)
        return try HogProcesses(
            hogs, kind: Self.name, group: group, cpus: cpus, changes: changes
        ) { (report) throws(Errno) in
            try Churn.readForever(
                file, size: churnSize, warm: limit + limit / 4, hogs: hogs, report: report)
        }
    }
}
