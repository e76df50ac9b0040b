// SPDX-License-Identifier: GPL-3.0-or-later

import Evidence
import Host
import Journal
import Linux
import Pressure

/// Reads the kernel's counters right before and right after a slice's measured part.
final class SliceWatch {
    let running: any RunningPressure
    private let group: Cgroup?
    private let slabCaches: [String]
    private(set) var startedAt: UInt64 = 0
    private(set) var before: Snapshot?
    private(set) var after: Snapshot?
    private(set) var pressureBefore: PressureSample?
    private(set) var pressureAfter: PressureSample?
    private(set) var seconds: Double = 0
    /// What the workers stalled in direct reclaim; nil where nobody counts it.
    private(set) var stalls: ReclaimTrace.Stalls?
    private var openedAt: UInt64 = 0
    private let trace = ReclaimTrace()
    private var processes: [Int32] = []
    private var threads: Set<Int32> = []

    init(group: Cgroup?, running: any RunningPressure, slabCaches: [String]) {
        self.group = group
        self.running = running
        self.slabCaches = slabCaches
    }

    func workersStarted(_ processes: [Int32]) { self.processes = processes }

    func opened() {
        pressureBefore = running.sample()
        before = Snapshot.take(group: group, slabCaches: slabCaches)
        if let trace {
            threads = trace.threads(of: processes)
            stalls = trace.stalls(of: threads)
        }
        startedAt = Clock.realtimeNanoseconds()
        openedAt = Clock.monotonicNanoseconds()
    }

    func closed() {
        seconds = Double(Clock.monotonicNanoseconds() - openedAt) / 1e9
        if let trace, let before = stalls { stalls = trace.stalls(of: threads) - before }
        after = Snapshot.take(group: group, slabCaches: slabCaches)
        pressureAfter = running.sample()
    }
}
