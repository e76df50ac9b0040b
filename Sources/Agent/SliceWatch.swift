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
    private var openedAt: UInt64 = 0

    init(group: Cgroup?, running: any RunningPressure, slabCaches: [String]) {
        self.group = group
        self.running = running
        self.slabCaches = slabCaches
    }

    func opened() {
        pressureBefore = running.sample()
        before = Snapshot.take(group: group, slabCaches: slabCaches)
        startedAt = Clock.realtimeNanoseconds()
        openedAt = Clock.monotonicNanoseconds()
    }

    func closed() {
        seconds = Double(Clock.monotonicNanoseconds() - openedAt) / 1e9
        after = Snapshot.take(group: group, slabCaches: slabCaches)
        pressureAfter = running.sample()
    }
}
