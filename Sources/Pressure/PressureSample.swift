// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import Machine

/// What the kernel has counted of reclaim up to a moment.
package struct PressureSample: Sendable, Equatable {
    /// `/proc/vmstat`: `pgscan_…`, `pgsteal_…`, `pswpin`, `pswpout`, `allocstall…`, `oom_kill`.
    package var system: [String: Int64]
    /// `Cgroup.statistics()` of the workload's group; nil without one.
    package var group: [String: Int64]?
    /// Stall on memory: the group's where the kernel tells it (v2), else the machine's.
    package var stall: StallTotals?

    /// Counts from elsewhere.
    package init(
        system: [String: Int64], group: [String: Int64]? = nil, stall: StallTotals? = nil
    ) {
        self.system = system
        self.group = group
        self.stall = stall
    }

    /// Reads the counters now.
    package static func take(group: Cgroup?) -> PressureSample {
        let vmstat = (try? SystemFile.readBytes("/proc/vmstat")) ?? []
        return PressureSample(
            system: CounterText.pairs(vmstat) { name in
                ["pgs", "pswp", "allocstall"].contains { name.hasPrefix($0) } || name == "oom_kill"
            },
            group: group?.statistics(), stall: group?.stall() ?? StallTotals.system("memory"))
    }
}
