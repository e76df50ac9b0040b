// SPDX-License-Identifier: GPL-3.0-or-later

import Protocol

extension EvidenceRecord {
    /// The kernel's part of a slice's evidence; the workers' part stays empty.
    ///
    /// Counters of vmstat and of the group that did not change are left out; a stall of 0 µs is
    /// kept.
    public init(_ changes: KernelCounters) {
        self.init(
            vmstat: (changes.vmstat ?? [:]).filter { $0.value != 0 },
            memcg: changes.group?.filter { $0.value != 0 }, psi: changes.stalls,
            cpu: changes.ticks ?? [:], slab: changes.slab, frequency: changes.frequency)
    }

    /// Processes that the OOM killer killed in the slice, in the machine or in the workload's
    /// group; nil when the kernel counts neither.
    ///
    /// An unchanged counter is not in the record, and is 0 when others of its file are there:
    /// some counters of vmstat always change.
    public var oomKills: Int64? {
        let machine = vmstat["oom_kill"] ?? (vmstat.isEmpty ? nil : 0)
        let inGroup = memcg.map { $0["oom_kill"] ?? 0 }
        return [machine, inGroup].compactMap { $0 }.max()
    }
}
