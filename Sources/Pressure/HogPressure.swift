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
    private let crew: HogCrew

    init(
        kind: String, group: Cgroup?, crew: HogCrew, on host: PressureHost, changes: ChangeStack
    ) {
        self.kind = kind
        workloadGroup = group
        self.host = host
        self.crew = crew
        self.changes = changes
    }

    func rest() { crew.signal(ChildProcess.stopSignal) }

    func resume() throws(PlumblineError) {
        let before = KernelCounters.readReclaim(group: workloadGroup)
        crew.signal(ChildProcess.continueSignal)
        _ = try host.wait(seconds: Self.longestRamp) { () throws(PlumblineError) in
            try crew.checkAlive()
            let changes = KernelCounters.readReclaim(group: workloadGroup) - before
            return proof(over: changes, seconds: 1, threshold: 1).proven == true
        }
    }

    func checkAlive() throws(PlumblineError) { try crew.checkAlive() }

    func proof(
        over changes: KernelCounters, seconds: Double, threshold: Double
    ) -> PressureRecord {
        ReclaimProof(changes).record(kind: kind, seconds: seconds, threshold: threshold)
    }

    func stop() -> [String] { changes.undoAll() }
}
