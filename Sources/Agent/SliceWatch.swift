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
    private let counts: Bool
    private var counters: PerfCounters?
    private(set) var startedAt: UInt64 = 0
    private(set) var before: Snapshot?
    private(set) var after: Snapshot?
    private(set) var pressureBefore: PressureSample?
    private(set) var pressureAfter: PressureSample?
    private(set) var seconds: Double = 0
    private(set) var perf: [String: Int64]?
    private var openedAt: UInt64 = 0

    /// - Parameter counts: whether perf counters watch the workers, which costs them time at every
    ///   context switch.
    init(
        group: Cgroup?, running: any RunningPressure, slabCaches: [String], counts: Bool
    ) {
        self.counts = counts
        self.group = group
        self.running = running
        self.slabCaches = slabCaches
    }

    func workersStarted(_ processes: [Int32]) {
        if counts { counters = PerfCounters(processes: processes) }
    }

    func opened() {
        pressureBefore = running.sample()
        before = Snapshot.take(group: group, slabCaches: slabCaches)
        counters?.start()
        startedAt = Clock.realtimeNanoseconds()
        openedAt = Clock.monotonicNanoseconds()
    }

    func closed() {
        seconds = Double(Clock.monotonicNanoseconds() - openedAt) / 1e9
        perf = counters?.finish()
        after = Snapshot.take(group: group, slabCaches: slabCaches)
        pressureAfter = running.sample()
        counters = nil
    }
}
