// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol

/// What makes memory scarce: our own processes, or a program's.
protocol Hogs: AnyObject {
    /// The processes, as far as they live.
    var ids: [Int32] { get }
    /// Sends a signal to all.
    func signal(_ number: Int32)
    /// Makes sure that all still run.
    ///
    /// - Throws: `failure` with what became of one that does not.
    func checkAlive() throws(PlumblineError)
    /// Makes sure that none is missing that was there before: too slow for a loop.
    ///
    /// - Throws: `failure` with how many are.
    func checkCount() throws(PlumblineError)
    /// Makes sure that all are in the group that they were started in.
    ///
    /// - Throws: `failure` with one that was moved.
    func checkMembership(of group: Cgroup) throws(PlumblineError)
    /// Ends them, and waits until their memory is free, as the undo log does for our own.
    ///
    /// - Parameter pulse: called at least every 50 ms.
    func end(pulse: () -> Void)
}

/// Pressure made by hogs, alone or in a control group with the workload.
final class HogPressure: RunningPressure {
    /// How long `resume` waits, in seconds.
    private static let longestRamp = 3.0

    let workloadGroup: Cgroup?
    let placement: HogPlacement
    private let kind: String
    private let mustReclaim: Bool
    private let host: PressureHost
    private let changes: ChangeStack
    private let processes: any Hogs
    /// The group's limits as they were set.
    private let limits: [String: String]

    /// - Parameter mustReclaim: whether a slice counts only if the kernel reclaimed.
    init(
        kind: String, group: Cgroup? = nil, processes: any Hogs, placement: HogPlacement,
        mustReclaim: Bool = true, on host: PressureHost, changes: ChangeStack
    ) {
        self.kind = kind
        self.placement = placement
        self.mustReclaim = mustReclaim
        workloadGroup = group
        limits = group?.limits ?? [:]
        self.host = host
        self.processes = processes
        self.changes = changes
    }

    var hogs: [Int32] { processes.ids }

    func rest() { processes.signal(ChildProcess.stopSignal) }

    func resume() throws(PlumblineError) {
        let before = KernelCounters.readReclaim(group: workloadGroup)
        processes.signal(ChildProcess.continueSignal)
        guard mustReclaim else { return }
        _ = try host.wait(seconds: Self.longestRamp) { () throws(PlumblineError) in
            try processes.checkAlive()
            let changes = KernelCounters.readReclaim(group: workloadGroup) - before
            return proof(over: changes, seconds: 1, threshold: 1).proven == true
        }
    }

    func checkAlive() throws(PlumblineError) {
        try processes.checkAlive()
        try processes.checkCount()
        if let workloadGroup {
            try workloadGroup.checkLimits(limits)
            try processes.checkMembership(of: workloadGroup)
        }
    }

    func proof(
        over changes: KernelCounters, seconds: Double, threshold: Double
    ) -> PressureRecord {
        var record = ReclaimProof(changes)
            .record(kind: kind, seconds: seconds, threshold: threshold)
        record.sharesCPUs = placement.sharesCPUs
        if !mustReclaim {
            record.proven = nil
            record.threshold = nil
        }
        return record
    }

    func stop() -> [String] {
        processes.end(pulse: host.pulse)
        return changes.undoAll()
    }
}
