// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration
import Host
import Journal
import Linux

/// Pressure made by hogs, alone or in a control group with the workload.
final class HogPressure: RunningPressure {
    let workloadGroup: Cgroup?
    private let kind: String
    private let changes: ChangeStack
    private let crew: HogCrew

    init(kind: String, group: Cgroup?, crew: HogCrew, changes: ChangeStack) {
        self.kind = kind
        workloadGroup = group
        self.crew = crew
        self.changes = changes
    }

    func rest() { crew.signal(ChildProcess.stopSignal) }

    func resume() { crew.signal(ChildProcess.continueSignal) }

    func checkAlive() throws(PlumblineError) { try crew.checkAlive() }

    func sample() -> PressureSample { PressureSample.take(group: workloadGroup) }

    func proof(
        from: PressureSample, to: PressureSample, seconds: Double, threshold: Double
    ) -> PressureRecord {
        ReclaimProof(from: from, to: to)
            .record(kind: kind, seconds: seconds, threshold: threshold)
    }

    func stop() -> [String] { changes.undoAll() }
}
