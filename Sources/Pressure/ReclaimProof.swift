// SPDX-License-Identifier: GPL-3.0-or-later

import Machine
import Protocol

/// What the kernel reclaimed between two snapshots, and whether that was enough to be pressure.
///
/// Source: `shrink_inactive_list()` and `scan_folios()` of mm/vmscan.c: reclaim for a group's limit
/// counts in the group's `pgscan_direct` and in the machine's `pgscan_anon` and `pgscan_file`, and
/// not in the machine's `pgscan_direct`.
struct ReclaimProof {
    private let system: [String: Int64]
    private let group: [String: Int64]?
    private let stalls: [String: Int64]

    init(_ changes: KernelCounters) {
        system = changes.vmstat ?? [:]
        group = changes.group
        stalls = changes.stalls ?? [:]
    }

    /// The journal's record of a system-wide pressure or of one in a group.
    func record(kind: String, seconds: Double, threshold: Double) -> PressureRecord {
        var proof: [String: Int64] = [:]
        proof["pgscan_direct"] = group == nil ? system["pgscan_direct"] : groupPages("pgscan")
        proof["pgsteal_direct"] = group == nil ? system["pgsteal_direct"] : groupPages("pgsteal")
        for name in ["pgscan_kswapd", "pgsteal_kswapd", "pswpin", "pswpout"] {
            proof[name] = system[name]
        }
        proof["allocstall"] = directReclaims
        proof["memcg_max_events"] = group?["events_max"]
        proof["memcg_high_events"] = group?["events_high"]
        proof["memcg_failcnt"] = group?["failcnt"]
        proof["oom_kill"] = oomKills
        // The group's where the kernel has them (v2), else the machine's.
        let whose = stalls["memcg_memory_some"] == nil ? "memory" : "memcg_memory"
        for kind in ["some", "full"] {
            proof["psi_memory_\(kind)_us"] = stalls["\(whose)_\(kind)"]
        }
        let scanned = Double(proof["pgscan_direct"] ?? 0)
        let isProven = seconds > 0 && scanned > 0 && scanned / seconds >= threshold && limitWasHit
        return PressureRecord(kind: kind, proven: isProven, threshold: threshold, proof: proof)
    }

    /// The same counts where no pressure was asked for: they show whether there was reclaim all the
    /// same.
    func recordWithoutVerdict(kind: String) -> PressureRecord {
        let counts = record(kind: kind, seconds: 0, threshold: 0).proof
        return PressureRecord(kind: kind, proven: nil, threshold: nil, proof: counts)
    }

    /// Pages that were scanned (or taken, for `pgsteal`) by those who wanted memory in the group.
    ///
    /// - v2: the group's `pgscan_direct`; before Linux 5.18 `pgscan` without kswapd's part.
    /// - v1, whose memory.stat has neither: what the machine scanned in all and neither kswapd,
    ///   nor khugepaged, nor anyone for want of memory in the machine did, and that is what
    ///   limits of groups made it scan; it was not this group's where its limit was not hit, and
    ///   only the machine's direct reclaim is counted then.
    /// - Before Linux 5.8, where that cannot be told either: one page for each time that the group
    ///   was at its limit, and the machine's direct reclaim. Both are less than the truth.
    private func groupPages(_ what: String) -> Int64? {
        if let pages = group?["\(what)_direct"] { return pages }
        if let all = group?[what] { return all - (group?["\(what)_kswapd"] ?? 0) }
        let direct = system["\(what)_direct"] ?? 0
        guard limitWasHit else { return direct }
        guard let anon = system["\(what)_anon"], let file = system["\(what)_file"] else {
            return what == "pgscan" ? (group?["failcnt"] ?? 0) + direct : nil
        }
        let others = ["kswapd", "direct", "khugepaged", "proactive"].reduce(Int64(0)) {
            $0 + (system["\(what)_\($1)"] ?? 0)
        }
        return max(0, anon + file - others)
    }

    /// Whether the group ran into its limit; true without a group.
    private var limitWasHit: Bool {
        guard let group else { return true }
        let hits = ["events_max", "events_high", "failcnt"].compactMap { group[$0] }
        return hits.isEmpty || hits.contains { $0 > 0 }
    }

    /// How often somebody had to reclaim for want of memory in the machine, over all zones.
    private var directReclaims: Int64? {
        let zones = system.filter { $0.key.hasPrefix("allocstall") }
        return zones.isEmpty ? nil : zones.values.reduce(0, +)
    }

    /// Processes that the OOM killer has killed, anywhere.
    private var oomKills: Int64? {
        [system["oom_kill"], group?["oom_kill"]].compactMap { $0 }.max()
    }
}
