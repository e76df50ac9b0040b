// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

extension Cgroup {
    /// The kernel's counters of the group by the kernel's names; a counter it lacks is absent.
    ///
    /// `memory.stat` as it is (v1 without the `total_` doubles); v2's `memory.events` as
    /// `events_low`, `events_high`, `events_max`, `events_oom`; v1's `failcnt`; on both `oom_kill`
    /// and `usage`. Pages in `pg…` and `workingset_…`, bytes elsewhere.
    public func statistics() -> [String: Int64] {
        statistics(
            pairs("memory.stat") {
                version != 1 || !($0.hasPrefix("total_") || $0.hasPrefix("hierarchical_"))
            })
    }

    /// Those of them that tell of reclaim; cheaper.
    func reclaimStatistics() -> [String: Int64] {
        // Version 1 counts none in this file.
        guard version != 1 else { return statistics([:]) }
        let bytes = try? SystemFile.readBytes("\(path)/memory.stat")
        return statistics(
            CounterText.pairs(bytes ?? [], prefixes: KernelCounters.reclaimPrefixes))
    }

    private func statistics(_ stat: [String: Int64]) -> [String: Int64] {
        var result = stat
        if version == 1 {
            result["failcnt"] = integer("memory.failcnt")
            result["oom_kill"] = pairs("memory.oom_control")["oom_kill"]
            result["usage"] = integer("memory.usage_in_bytes")
        } else {
            for (name, value) in pairs("memory.events") {
                result[name == "oom_kill" ? name : "events_\(name)"] = value
            }
            result["usage"] = integer("memory.current")
        }
        return result
    }

    /// How long members waited for memory in microseconds, `some` and `full`; nil on v1 and without
    /// PSI.
    func stall() -> [String: Int64]? {
        (try? SystemFile.read("\(path)/memory.pressure")).flatMap(CounterText.stalls)
    }

    private func pairs(
        _ name: String, keeping: (String) -> Bool = { _ in true }
    ) -> [String: Int64] {
        guard let bytes = try? SystemFile.readBytes("\(path)/\(name)") else { return [:] }
        return CounterText.pairs(bytes, keeping: keeping)
    }

    private func integer(_ name: String) -> Int64? {
        (try? SystemFile.readInteger("\(path)/\(name)")).map(Int64.init)
    }
}
