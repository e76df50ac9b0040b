// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol

/// Pressure made by hogs, alone or in a control group with the workload.
final class HogPressure: RunningPressure {
    /// How long `resume` waits, in seconds.
    private static let longestRamp = 3.0

    let workloadGroup: Cgroup?
    private let kind: String
    private let host: PressureHost
    private let changes: ChangeStack
    private let processes: HogProcesses

    init(
        kind: String, group: Cgroup?, processes: HogProcesses, on host: PressureHost,
        changes: ChangeStack
    ) {
        self.kind = kind
        workloadGroup = group
        self.host = host
        self.processes = processes
        self.changes = changes
    }

    func rest() { processes.signal(ChildProcess.stopSignal) }

    func resume() throws(PlumblineError) {
        let before = KernelCounters.readReclaim(group: workloadGroup)
        processes.signal(ChildProcess.continueSignal)
        _ = try host.wait(seconds: Self.longestRamp) { () throws(PlumblineError) in
            try processes.checkAlive()
            let changes = KernelCounters.readReclaim(group: workloadGroup) - before
            return proof(over: changes, seconds: 1, threshold: 1).proven == true
        }
    }

    func checkAlive() throws(PlumblineError) { try processes.checkAlive() }

    func proof(
        over changes: KernelCounters, seconds: Double, threshold: Double
    ) -> PressureRecord {
        ReclaimProof(changes).record(kind: kind, seconds: seconds, threshold: threshold)
    }

    func stop() -> [String] { changes.undoAll() }
}
