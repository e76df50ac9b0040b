// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// The kernel's counters at one moment, of the machine and of the workload's control group.
///
/// Files of the machine are kept as bytes: they are parsed after the slice, by `-`. A source that
/// is not readable is nil.
public struct CounterSnapshot: Sendable {
    /// `/proc/vmstat`.
    var vmstat: [UInt8]?
    /// `/proc/stat`.
    var stat: [UInt8]?
    /// `Cgroup.statistics()` of the workload's group.
    var group: [String: Int64]?
    /// PSI totals in microseconds: `memory_some`, `io_full`, `memcg_memory_some` and so on.
    var stalls: [String: Int64]?
    /// Active objects by slab cache.
    var slab: [String: Int64]?
    /// Frequencies in kHz by CPU number.
    var frequency: [String: Int64]?

    /// A snapshot in which no source was readable.
    public init() {}

    /// Reads all counters now.
    ///
    /// - Parameters:
    ///   - group: the workload's control group, if it has one.
    ///   - slabCaches: the names of slab caches; a cache that does not exist is absent.
    public static func take(
        group: Cgroup?, slabCaches: [String] = [], in tree: SystemTree = .live
    ) -> CounterSnapshot {
        var snapshot = reclaim(group: group, in: tree)
        snapshot.stat = try? SystemFile.readBytes(tree.path("/proc/stat"))
        for resource in ["io", "cpu"] { snapshot.addStalls(resource, in: tree) }
        snapshot.slab = SlabUse.active(slabCaches, in: tree)
        snapshot.frequency = CPUFrequency.current(in: tree)
        return snapshot
    }

    /// Reads now the counters that prove reclaim: vmstat, the group's, and stalls on memory.
    public static func reclaim(
        group: Cgroup?, in tree: SystemTree = .live
    ) -> CounterSnapshot {
        var snapshot = CounterSnapshot()
        snapshot.vmstat = try? SystemFile.readBytes(tree.path("/proc/vmstat"))
        snapshot.group = group?.statistics()
        snapshot.addStalls("memory", in: tree)
        snapshot.addStalls("memcg_memory", group?.stall())
        return snapshot
    }

    private mutating func addStalls(_ resource: String, in tree: SystemTree) {
        addStalls(resource, tree.read("/proc/pressure/\(resource)").flatMap(CounterText.stalls))
    }

    private mutating func addStalls(_ resource: String, _ totals: [String: Int64]?) {
        guard let totals else { return }
        var all = stalls ?? [:]
        for (kind, total) in totals { all["\(resource)_\(kind)"] = total }
        stalls = all
    }

    /// The changes from `before` to `after`.
    public static func - (after: CounterSnapshot, before: CounterSnapshot) -> CounterChanges {
        func pairs(_ bytes: [UInt8]?) -> [String: Int64]? { bytes.map { CounterText.pairs($0) } }
        return CounterChanges(
            vmstat: differences(pairs(before.vmstat), pairs(after.vmstat)),
            ticks: differences(
                before.stat.flatMap(CounterText.ticks), after.stat.flatMap(CounterText.ticks)),
            group: differences(before.group, after.group),
            stalls: differences(before.stalls, after.stalls),
            slab: after.slab, frequency: after.frequency)
    }

    /// All counters that are in both, a difference of 0 included.
    private static func differences(
        _ before: [String: Int64]?, _ after: [String: Int64]?
    ) -> [String: Int64]? {
        guard let before, let after else { return nil }
        var result: [String: Int64] = [:]
        for (name, value) in after {
            if let old = before[name] { result[name] = value &- old }
        }
        return result
    }
}

/// What the kernel's counters did between two snapshots; a source that was not readable both times
/// is nil.
public struct CounterChanges: Sendable, Equatable {
    /// `/proc/vmstat`, in the kernel's units (mostly pages or events).
    public var vmstat: [String: Int64]?
    /// The `cpu` line of `/proc/stat` in ticks of 1/100 s: `busy`, `idle`, `iowait`, `steal`.
    public var ticks: [String: Int64]?
    /// `Cgroup.statistics()` of the workload's group; nil without a group.
    public var group: [String: Int64]?
    /// PSI totals in microseconds: `memory_some`, `io_full`, `memcg_memory_some` and so on.
    public var stalls: [String: Int64]?
    /// Active objects by slab cache at the end.
    public var slab: [String: Int64]?
    /// Frequencies in kHz by CPU number at the end.
    public var frequency: [String: Int64]?

    /// These changes.
    public init(
        vmstat: [String: Int64]? = nil, ticks: [String: Int64]? = nil,
        group: [String: Int64]? = nil, stalls: [String: Int64]? = nil,
        slab: [String: Int64]? = nil, frequency: [String: Int64]? = nil
    ) {
        self.vmstat = vmstat
        self.ticks = ticks
        self.group = group
        self.stalls = stalls
        self.slab = slab
        self.frequency = frequency
    }
}
