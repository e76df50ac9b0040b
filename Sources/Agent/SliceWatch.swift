// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import Machine
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
    private var stallsBefore: [Int32: ReclaimTrace.Stalls]?

    init(group: Cgroup?, running: any RunningPressure, slabCaches: [String]) {
        self.group = group
        self.running = running
        self.slabCaches = slabCaches
    }

    func workersStarted(_ processes: [Int32]) {
        self.processes = processes
        trace?.clear()
    }

    func opened() {
        threads = trace?.threads(of: processes) ?? []
        stallsBefore = trace?.stalls()
        before = Snapshot.take(group: group, slabCaches: slabCaches)
        pressureBefore = running.sample()
        startedAt = Clock.realtimeNanoseconds()
        openedAt = Clock.monotonicNanoseconds()
    }

    func closed() {
        seconds = Double(Clock.monotonicNanoseconds() - openedAt) / 1e9
        pressureAfter = running.sample()
        after = Snapshot.take(group: group, slabCaches: slabCaches)
        countStalls()
    }

    /// Sums up over the workers' threads, those too that the kernel started for them meanwhile.
    private func countStalls() {
        guard let trace, let stallsBefore, let now = trace.stalls() else { return }
        threads.formUnion(trace.threads(of: processes))
        var sum = ReclaimTrace.Stalls()
        for (thread, stalls) in now where threads.contains(thread) {
            sum.add(stalls, since: stallsBefore[thread])
        }
        stalls = sum
    }
}
