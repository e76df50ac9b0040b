// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine

extension StressNgPressure: PressureKind {
    /// How long the first filling may take, in seconds; what is not filled then shows in the proof.
    private static let longestFilling = 60.0

    package func start(on host: PressureHost) throws(PlumblineError) -> any RunningPressure {
        let placement = try HogPlacement(of: self, beside: host.workers)
        let budget = try MemoryBudget.read()
        try HelperProgram.require(
            [arguments[0], "--version"], package: GuestProgram.stressNg.package, pulse: host.pulse)
        return try host.changing { changes throws(PlumblineError) in
            if let swap {
                try Zram.startSwap(size: swap.bytes(ofTotal: budget.total), changes: changes)
            }
            let free = SystemTree.live.memory("MemFree") ?? budget.available
            let bytes = Int(Double(free) * percent / 100)
            try budget.check(
                SwapRoom.read().leastInMemory(of: bytes) + host.workloadBytes,
                for: "\(Self.name): vm_bytes=\(Decimal.fixed(percent, 1))%",
                remedy: "lower vm_bytes, or add zram swap with a larger swap=")
            let program = try HogProgram(
                arguments, kind: Self.name, cpus: placement.hogs, changes: changes)
            try fill(program, bytes: bytes, on: host)
            return HogPressure(
                kind: Self.name, processes: program, placement: placement,
                mustReclaim: mustReclaim, on: host, changes: changes)
        }
    }

    package func plannedChanges() throws(PlumblineError) -> [PlannedChange] {
        let total = try MemoryBudget.read().total
        let program = PlannedChange(
            "start \(arguments.joined(separator: " ")) with oom_score_adj 1000, and a process that "
                + "watches it", undo: .killProcess)
        return (swap.map { Zram.plannedSwap(size: $0.bytes(ofTotal: total)) } ?? []) + [program]
    }

    /// Waits until the stressors hold what they are to hold, or the kernel reclaims directly.
    private func fill(
        _ program: HogProgram, bytes: Int, on host: PressureHost
    ) throws(PlumblineError) {
        let before = KernelCounters.readReclaim(group: nil)
        // Not more often: it reads every process's state.
        var next = Clock.monotonicNanoseconds()
        _ = try host.wait(seconds: Self.longestFilling) { () throws(PlumblineError) in
            try program.checkAlive()
            guard Clock.monotonicNanoseconds() >= next else { return false }
            next = Clock.monotonicNanoseconds() + 50_000_000
            let changes = KernelCounters.readReclaim(group: nil) - before
            let scanned = (changes.vmstat ?? [:])["pgscan_direct"] ?? 0
            return scanned > 0 || program.residentBytes >= bytes / 10 * 9
        }
        try program.checkCount()
    }
}
