// SPDX-License-Identifier: GPL-3.0-or-later

import Protocol

extension EvidenceRecord {
    /// Processes that the OOM killer killed in the slice, in the machine or in the workload's
    /// group; nil when the kernel told neither.
    ///
    /// A counter that did not change is not in the record, and counts as 0 here when others of
    /// its file are: vmstat always has some that change.
    public var oomKills: Int64? {
        let machine = vmstat["oom_kill"] ?? (vmstat.isEmpty ? nil : 0)
        let inGroup = memcg.map { $0["oom_kill"] ?? 0 }
        return [machine, inGroup].compactMap { $0 }.max()
    }
}
