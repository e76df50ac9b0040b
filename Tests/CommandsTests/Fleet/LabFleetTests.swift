// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import Journal
import Linux
import Protocol
import SchemaSupport
import Testing

/// Two kernels compared by the machines of a fleet, each in guests of its own, for `make lab-test`.
@Suite(
    .serialized, .enabled(if: SlurmCluster.canRun, "needs root, and Debian's slurm-wlm and munge"),
    .enabled(
        if: ProcessInfo.processInfo.environment["PLUMBLINE_LAB"] == "1",
        "boots guests, which takes minutes: run `make lab-test`"))
struct LabFleetTests {
    private static var agent: [String] {
        ProcessInfo.processInfo.environment["PLUMBLINE_AGENT"].map { ["--agent", $0] } ?? []
    }

    @Test func twoMachinesCompareTwoKernelsAndThreeMoreAreAskedFor() throws {
        try SlurmCluster.with(nodes: 2) { cluster in
            let submitted = try cluster.plumbline(
                [
                    "fleet", "submit", "f", "--machines", "2", "--seed", "3", "--", "ab", "demo",
                    "--a", "6.12", "--b", "6.12+pipe-prealloc+dio-cache", "--cells", "dio/*",
                    "--rounds", "5", "--blocks", "5", "--slice", "50ms",
                ] + Self.agent)
            #expect(submitted.exit == .exited(0), "\(submitted.diagnostics)")
            var states: [String] = []
            while states.isEmpty || states.contains(where: { $0 == "waiting" || $0 == "running" }) {
                try Clock.sleep(nanoseconds: 2_000_000_000)
                let status = try cluster.plumbline("fleet", "status", "f", "--format", "json")
                let tasks = try LineCodec.decode(JSONValue.self, from: status.document.utf8)
                states = tasks.at("tasks")?.items?.map { $0.at("state")?.text ?? "" } ?? []
            }
            let collected = try cluster.plumbline("fleet", "collect", "f")
            #expect(states == ["finished", "finished"], "\(collected.document)")
            #expect(collected.exit == .exited(4), "\(collected.document)")
            #expect(collected.document.contains("2 machines; a verdict needs 5"))
            for task in 0..<2 {
                let journal = try StoredJournal(
                    readingFrom: "\(cluster.directory)/f/\(task)/journal.jsonl")
                #expect(journal.header.seed == 3 + UInt64(task))
                #expect(Set(journal.rounds.map(\.round)).count == 5)
                #expect(Set(journal.slices.map(\.arm)) == [.a, .b])
            }
        }
    }
}
