// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import Machine
import Pressure

/// Reads the kernel's counters right before and right after a slice's measured part.
final class SliceWatch {
    let running: any RunningPressure
    private let group: Cgroup?
    private let slabCaches: [String]
    /// The start of the measured part, nanoseconds since 1970.
    private(set) var startedAt: UInt64 = 0
    /// The length of the measured part.
    private(set) var seconds = 0.0
    /// The workers' stalls in direct reclaim; nil without a reclaim trace.
    private(set) var stalls: ReclaimTrace.Stalls?
    private var before = KernelCounters()
    private var after = KernelCounters()
    private var openedAt: UInt64 = 0
    private let trace = ReclaimTrace()
    private var processes: [Int32] = []
    private var threads: Set<Int32> = []
    private var stallsBefore: [Int32: ReclaimTrace.Stalls]?

    init(running: any RunningPressure, slabCaches: [String]) {
        group = running.workloadGroup
        self.running = running
        self.slabCaches = slabCaches
    }

    /// What the counters did over the measured part.
    var changes: KernelCounters { after - before }

    func workersStarted(_ processes: [Int32]) {
        self.processes = processes
        trace?.clear()
    }

    func opened() {
        threads = trace?.threads(of: processes) ?? []
        stallsBefore = trace?.stalls()
        before = KernelCounters.read(group: group, slabCaches: slabCaches)
        startedAt = Clock.realtimeNanoseconds()
        openedAt = Clock.monotonicNanoseconds()
    }

    func closed() {
        seconds = Double(Clock.monotonicNanoseconds() - openedAt) / 1e9
        after = KernelCounters.read(group: group, slabCaches: slabCaches)
        countStalls()
    }

    /// Adds up the stalls of the workers' threads, with those that the kernel started for them since.
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
