// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// The kernel's counters of the machine and of the workload's control group: their values at one
/// moment, or, as `after - before`, their changes.
///
/// Evidence and the proof of pressure both read it. A source that is not readable is nil.
public struct KernelCounters: Sendable, Equatable {
    /// `/proc/vmstat`, in the kernel's units (mostly pages or events).
    public var vmstat: [String: Int64]?
    /// The `cpu` line of `/proc/stat` in ticks of 1/100 s: `busy`, `idle`, `iowait`, `steal`.
    public var ticks: [String: Int64]?
    /// `Cgroup.statistics()` of the workload's group.
    public var group: [String: Int64]?
    /// PSI totals in microseconds: `memory_some`, `io_full`, `memcg_memory_some` and so on.
    public var stalls: [String: Int64]?
    /// Active objects by slab cache; in a difference, at the end.
    public var slab: [String: Int64]?
    /// Frequencies in kHz by CPU number; in a difference, at the end.
    public var frequency: [String: Int64]?

    /// No counters.
    public init() {}

    /// Reads all counters now.
    ///
    /// - Parameters:
    ///   - group: the workload's control group, if it has one.
    ///   - slabCaches: the names of slab caches; a cache that does not exist is absent.
    public static func read(
        group: Cgroup?, slabCaches: [String] = [], in tree: SystemTree = .live
    ) -> KernelCounters {
        var counters = readStalls(of: ["memory", "io", "cpu"], in: tree)
        counters.addStalls(group?.stall(), of: "memcg_memory")
        counters.group = group?.statistics()
        let vmstat = try? SystemFile.readBytes(tree.path("/proc/vmstat"))
        counters.vmstat = vmstat.map { CounterText.pairs($0) }
        let stat = try? SystemFile.readBytes(tree.path("/proc/stat"))
        counters.ticks = stat.flatMap(CounterText.ticks)
        counters.slab = SlabUse.active(slabCaches, in: tree)
        counters.frequency = frequencies(in: tree)
        return counters
    }

    /// How the names begin of counters that tell of reclaim.
    static let reclaimPrefixes = ["pgscan", "pgsteal", "pswp", "allocstall", "oom_kill"].map {
        Array($0.utf8)
    }

    /// Reads now the counters that prove reclaim: some of vmstat's and the group's, and stalls on
    /// memory and on the CPU.
    public static func readReclaim(
        group: Cgroup?, in tree: SystemTree = .live
    ) -> KernelCounters {
        var counters = readStalls(in: tree)
        let vmstat = try? SystemFile.readBytes(tree.path("/proc/vmstat"))
        counters.group = group?.reclaimStatistics()
        counters.addStalls(group?.stall(), of: "memcg_memory")
        counters.vmstat = vmstat.map { CounterText.pairs($0, prefixes: reclaimPrefixes) }
        return counters
    }

    /// Reads now what is cheap and tells of disturbances: stalls on memory and on the CPU.
    public static func readStalls(
        of resources: [String] = ["memory", "cpu"], in tree: SystemTree = .live
    ) -> KernelCounters {
        var counters = KernelCounters()
        for resource in resources { counters.addStalls(of: resource, in: tree) }
        return counters
    }

    /// `scaling_cur_freq` by CPU (Documentation/admin-guide/pm/cpufreq.rst); nil without frequency
    /// scaling, as in most virtual machines.
    private static func frequencies(in tree: SystemTree) -> [String: Int64]? {
        let directory = "/sys/devices/system/cpu"
        guard tree.exists("\(directory)/cpu0/cpufreq") else { return nil }
        var result: [String: Int64] = [:]
        for name in tree.list(directory) {
            guard name.hasPrefix("cpu"), Int(name.dropFirst(3)) != nil,
                let kilohertz = tree.readInteger("\(directory)/\(name)/cpufreq/scaling_cur_freq")
            else { continue }
            result[String(name.dropFirst(3))] = Int64(kilohertz)
        }
        return result.isEmpty ? nil : result
    }

    private mutating func addStalls(of resource: String, in tree: SystemTree) {
        let text = tree.read("/proc/pressure/\(resource)")
        addStalls(text.flatMap(CounterText.stalls), of: resource)
    }

    private mutating func addStalls(_ totals: [String: Int64]?, of resource: String) {
        for (kind, total) in totals ?? [:] {
            stalls = (stalls ?? [:]).merging(["\(resource)_\(kind)": total]) { $1 }
        }
    }

    /// The changes of the counters that are in both, a difference of 0 included.
    public static func - (after: KernelCounters, before: KernelCounters) -> KernelCounters {
        var changes = after
        for source in [\KernelCounters.vmstat, \.ticks, \.group, \.stalls] {
            let old = before[keyPath: source]
            changes[keyPath: source] = old == nil ? nil : after[keyPath: source]
            for (name, value) in changes[keyPath: source] ?? [:] {
                changes[keyPath: source]?[name] = old?[name].map { value &- $0 }
            }
        }
        return changes
    }
}
