// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import SystemPackage

extension AnonPressure: PressureKind {
    /// How many bytes the hogs take, page by page.
    func bytes(of budget: MemoryBudget) -> Int {
        Int(Double(budget.available) * percent / 100) / MappedMemory.pageSize
            * MappedMemory.pageSize
    }

    /// Refuses what cannot be pressure, and what would leave less than the reserve.
    ///
    /// The reserve is what must be left when all is swapped out that can be: below that the kernel
    /// would have to kill. What is free at the moment is less, or there would be no reclaim.
    ///
    /// - Parameter room: what the machine's own swap can still take.
    func check(
        _ budget: MemoryBudget, room: SwapRoom, workloadBytes: Int
    ) throws(PlumblineError) {
        var room = room
        room.compressed += swap?.bytes(ofTotal: budget.total) ?? 0
        guard !room.isEmpty else {
            throw .usage(
                "anon: without swap the kernel cannot reclaim what the hogs hold, and they must "
                    + "leave it the reserve: that is never pressure",
                remedy: "add swap=40% (a zram swap device of ours) with vm_bytes=110")
        }
        try budget.check(
            room.leastInMemory(of: bytes(of: budget)) + workloadBytes,
            for: "anon: vm_bytes=\(Decimal.fixed(percent, 1))% beside swap",
            remedy: "lower vm_bytes, or add zram swap with a larger swap=")
    }

    package func start(on host: PressureHost) throws(PlumblineError) -> any RunningPressure {
        let placement = try HogPlacement(of: self, beside: host.workers)
        let budget = try MemoryBudget.read()
        try check(budget, room: .read(), workloadBytes: host.workloadBytes)
        return try host.changing { changes throws(PlumblineError) in
            if let swap {
                try Zram.startSwap(size: swap.bytes(ofTotal: budget.total), changes: changes)
            }
            return try start(on: host, bytes: bytes(of: budget), placement, changes)
        }
    }

    package func plannedChanges() throws(PlumblineError) -> [PlannedChange] {
        let total = try MemoryBudget.read().total
        let count = hogs(onCPUs: (try? CPUSet.allowed().count) ?? 1)
        return (swap.map { Zram.plannedSwap(size: $0.bytes(ofTotal: total)) } ?? [])
            + plannedHogs(count)
    }

    private func start(
        on host: PressureHost, bytes: Int, _ placement: HogPlacement, _ changes: ChangeStack
    ) throws(PlumblineError) -> any RunningPressure {
        let count = hogs(onCPUs: (try? CPUSet.allowed().count) ?? 1)
        let each = max(MappedMemory.pageSize, bytes / count)
        let processes = try HogProcesses(
            count, kind: Self.name, cpus: placement.hogs, changes: changes
        ) { (report) throws(Errno) in
            try Churn.dirtyForever(bytes: each, report: report)
        }
        let isOn = try host.wait(seconds: 300) { () throws(PlumblineError) in
            try processes.checkAlive()
            return processes.isReady
        }
        guard isOn else {
            throw .failure(
                "anon: the hogs did not fill \(ByteSize(bytes)) in five minutes",
                remedy: "lower vm_bytes")
        }
        return HogPressure(
            kind: Self.name, processes: processes, placement: placement, on: host,
            changes: changes)
    }
}
