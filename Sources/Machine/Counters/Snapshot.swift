// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// The kernel's counters at a moment, mostly as the bytes they came in: parsing waits until after
/// the slice.
public struct Snapshot: Sendable {
    /// `/proc/vmstat`; nil when it is not readable, as for all below.
    var vmstat: [UInt8]?
    /// `/proc/stat`.
    var stat: [UInt8]?
    /// `Cgroup.statistics()` of the workload's group.
    var group: [String: Int64]?
    /// Stall totals by file: `memory`, `io`, `cpu`, and `memcg_memory` of the group.
    var stalls: [String: StallTotals] = [:]
    /// Active objects by slab cache.
    var slab: [String: Int64]?
    /// Frequencies in kHz by CPU number.
    var frequency: [String: Int64]?

    /// Reads the counters now.
    ///
    /// - Parameters:
    ///   - group: the workload's control group, if it has one of its own.
    ///   - slabCaches: the names of the slab caches concerned; those that do not exist are absent.
    public static func take(
        group: Cgroup?, slabCaches: [String] = [], in tree: SystemTree = .live
    ) -> Snapshot {
        var snapshot = Snapshot()
        snapshot.vmstat = try? SystemFile.readBytes(tree.path("/proc/vmstat"))
        snapshot.stat = try? SystemFile.readBytes(tree.path("/proc/stat"))
        snapshot.group = group?.statistics()
        for resource in ["memory", "io", "cpu"] {
            snapshot.stalls[resource] = StallTotals.system(resource, in: tree)
        }
        snapshot.stalls["memcg_memory"] = group?.stall()
        snapshot.slab = SlabUse.active(slabCaches, in: tree)
        snapshot.frequency = CPUFrequency.current(in: tree)
        return snapshot
    }

    /// `/proc/vmstat` as counters; nil when it was not readable.
    var vmstatCounters: [String: Int64]? { vmstat.map { CounterText.pairs($0) } }

    /// The first line of `/proc/stat`; nil when it was not readable.
    var ticks: CPUTicks? { stat.flatMap(CPUTicks.init) }

    /// Stall totals in microseconds by name: `memory_some`, `io_full`; nil without PSI.
    var stallCounters: [String: Int64]? {
        guard !stalls.isEmpty else { return nil }
        var result: [String: Int64] = [:]
        for (resource, totals) in stalls {
            result["\(resource)_some"] = totals.some
            result["\(resource)_full"] = totals.full
        }
        return result
    }
}
