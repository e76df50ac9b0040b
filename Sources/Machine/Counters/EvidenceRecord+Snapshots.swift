// SPDX-License-Identifier: GPL-3.0-or-later

import Protocol

extension EvidenceRecord {
    /// What the kernel's counters did between two snapshots; the workers' part is left empty.
    ///
    /// A source that could not be read both times is absent, never 0.
    public init(from before: Snapshot, to after: Snapshot) {
        self.init(
            vmstat: Self.changes(before.vmstatCounters, after.vmstatCounters) ?? [:],
            memcg: Self.changes(before.group, after.group),
            psi: Self.differences(before.stallCounters, after.stallCounters),
            cpu: Self.ticks(before.ticks, after.ticks),
            slab: after.slab, frequency: after.frequency)
    }

    private static func changes(
        _ before: [String: Int64]?, _ after: [String: Int64]?
    ) -> [String: Int64]? {
        guard let before, let after else { return nil }
        return CounterText.changes(from: before, to: after)
    }

    /// All that are in both: a stall of 0 µs is a finding.
    private static func differences(
        _ before: [String: Int64]?, _ after: [String: Int64]?
    ) -> [String: Int64]? {
        guard let before, let after else { return nil }
        var result: [String: Int64] = [:]
        for (name, value) in after {
            if let old = before[name] { result[name] = value - old }
        }
        return result
    }

    private static func ticks(_ before: CPUTicks?, _ after: CPUTicks?) -> [String: Int64] {
        guard let before, let after else { return [:] }
        return after.changes(since: before)
    }
}
