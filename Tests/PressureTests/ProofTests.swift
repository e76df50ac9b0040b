// SPDX-License-Identifier: GPL-3.0-or-later

import Machine
import Protocol
import Testing

@testable import Pressure

@Suite struct ReclaimProofTests {
    private func record(
        system: [String: Int64] = [:], group: [String: Int64]? = nil, threshold: Double = 100
    ) -> PressureRecord {
        var changes = KernelCounters()
        changes.vmstat = system
        changes.group = group
        return ReclaimProof(changes)
            .record(kind: "x", seconds: 0.5, threshold: threshold)
    }

    @Test func theMachinesDirectReclaimProvesBeyondTheThreshold() {
        let enough = record(system: ["pgscan_direct": 50, "allocstall_normal": 2])
        #expect(enough.proven == true)
        #expect(enough.proof == ["pgscan_direct": 50, "allocstall": 2])
        #expect(record(system: ["pgscan_direct": 49]).proven == false)
        #expect(record(system: ["pgscan_kswapd": 9999, "pgscan_direct": 0]).proven == false)
        #expect(record().proven == false)
        #expect(record(system: ["pgscan_direct": 0], threshold: 0).proven == false)
    }

    @Test func onV2TheGroupsOwnCountsProve() {
        let group: [String: Int64] = [
            "pgscan_direct": 60, "pgsteal_direct": 40, "events_max": 3, "oom_kill": 0,
        ]
        let proven = record(system: ["pgscan_direct": 0], group: group)
        #expect(proven.proven == true)
        #expect(
            proven.proof == [
                "pgscan_direct": 60, "pgsteal_direct": 40, "memcg_max_events": 3, "oom_kill": 0,
            ])
        // Before 5.18 there is one count for all reclaimers.
        let old = record(group: ["pgscan": 70, "pgscan_kswapd": 10, "events_max": 1])
        #expect(old.proof["pgscan_direct"] == 60)
    }

    @Test func onV1WhatNobodyElseScannedIsTheGroups() {
        let system: [String: Int64] = [
            "pgscan_anon": 30, "pgscan_file": 100, "pgscan_kswapd": 20, "pgscan_direct": 10,
            "pgscan_khugepaged": 5, "pgscan_proactive": 5, "oom_kill": 1,
        ]
        let proven = record(system: system, group: ["failcnt": 4, "oom_kill": 0])
        #expect(proven.proof["pgscan_direct"] == 90)
        #expect(proven.proof["memcg_failcnt"] == 4)
        #expect(proven.proof["oom_kill"] == 1)
        #expect(proven.proven == true)
        // Another group may have done it, as ours was never at its limit.
        let others = record(system: system, group: ["failcnt": 0])
        #expect(others.proven == false)
        #expect(others.proof["pgscan_direct"] == 10)
    }

    @Test func onOldKernelsTheHitsOfTheLimitAreTheLeastThatWasScanned() {
        let proven = record(system: ["pgscan_direct": 10], group: ["failcnt": 45])
        #expect(proven.proof["pgscan_direct"] == 55)
        #expect(proven.proof["pgsteal_direct"] == nil)
        #expect(proven.proven == true)
    }

    @Test func stallsAreTheGroupsWhereTheKernelHasThemAndElseTheMachines() {
        func proof(_ stalls: [String: Int64]?) -> [String: Int64] {
            var changes = KernelCounters()
            changes.stalls = stalls
            return ReclaimProof(changes).record(kind: "x", seconds: 1, threshold: 1).proof
        }
        let machine: [String: Int64] = ["memory_some": 4, "memory_full": 0, "io_some": 9]
        #expect(proof(machine) == ["psi_memory_some_us": 4, "psi_memory_full_us": 0])
        let group: [String: Int64] = ["memcg_memory_some": 2, "memcg_memory_full": 1]
        #expect(
            proof(machine.merging(group) { $1 })
                == ["psi_memory_some_us": 2, "psi_memory_full_us": 1])
        #expect(proof(nil) == [:])
    }
}
