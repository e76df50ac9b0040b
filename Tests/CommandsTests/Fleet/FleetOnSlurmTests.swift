// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Fleet
import FoundationEssentials
import Journal
import Linux
import Protocol
import SchemaSupport
import TestSupport
import Testing

/// A fleet on a real slurmctld and real slurmds.
@Suite(
    "A fleet on Slurm", .serialized,
    .enabled(if: SlurmCluster.canRun, "needs root, and Debian's slurm-wlm and munge"))
struct FleetOnSlurmTests {
    private static let playsFaults =
        ProcessInfo.processInfo.environment["PLUMBLINE_FAULTS"] == "1"

    /// The words of a comparison that takes a second for each switch of its knob until `release`.
    private static let paced = [
        "toggle", "./mine.yaml", "--knob", "cmd:'./pace','./pace'", "--blocks", "60", "--slice",
        "20ms",
    ]

    /// Writes the suite, and the command of the knob.
    private func suite(in cluster: SlurmCluster) throws {
        try cluster.write(
            "pace",
            "#!/bin/sh\n[ -e released ] || [ -e \"released-$SLURMD_NODENAME\" ] || sleep 1\n",
            mode: 0o755)
        try Descriptor.open("\(cluster.directory)/mine.yaml", [.write, .create]).writeAll(
            """
            suite: mine
            slice: 20ms
            guard: 1ms
            warmup: 1ms
            slices: 3
            cells:
              - {workload: pipe, pressure: none}
            """)
    }

    /// Lets comparisons go on at full speed, on one node or on all.
    private func release(_ node: String? = nil, in cluster: SlurmCluster) throws {
        try cluster.write(node.map { "released-\($0)" } ?? "released", "", mode: 0o644)
    }

    /// Asks five times a second at most, for the tasks need the CPUs.
    private func status(_ cluster: SlurmCluster, _ fleet: String) throws -> JSONValue {
        try Clock.sleep(nanoseconds: 200_000_000)
        let outcome = try cluster.plumbline("fleet", "status", fleet, "--format", "json")
        #expect(outcome.exit == .exited(0), "\(outcome.diagnostics)")
        return try document(outcome.document, cluster)
    }

    /// A document that fits the schema that is printed.
    private func document(_ text: String, _ cluster: SlurmCluster) throws -> JSONValue {
        let value = try LineCodec.decode(JSONValue.self, from: text.utf8)
        let schema = try cluster.plumbline("fleet", "status", "--schema")
        #expect(try SchemaValidator(schema.document).problems(value) == [])
        return value
    }

    private func states(_ status: JSONValue) -> [String] {
        status.at("tasks")?.items?.map { $0.at("state")?.text ?? "" } ?? []
    }

    private func wait(
        until expected: String, of fleet: String, in cluster: SlurmCluster
    ) throws -> JSONValue {
        var last = try status(cluster, fleet)
        do {
            try eventually("all tasks are \(expected)") {
                last = try status(cluster, fleet)
                return states(last).allSatisfy { $0 == expected }
            }
        } catch {
            Issue.record("\(last)")
            throw error
        }
        return last
    }

    private func wait(
        until state: String, ofTask number: Int, of fleet: String, in cluster: SlurmCluster
    ) throws {
        try eventually("task \(number) is \(state)") {
            states(try status(cluster, fleet))[number] == state
        }
    }

    private func wait(forBlocksOfTask number: Int, of fleet: String, in cluster: SlurmCluster)
        throws
    {
        try eventually("task \(number) measures") {
            guard
                case .integer(let done)? = try status(cluster, fleet).at("tasks.\(number).done")
            else { return false }
            return done >= 1
        }
    }

    @Test("a cancelled task is submitted once more and resumes, and five machines get a verdict")
    func aCancelledTaskComesBack() throws {
        try SlurmCluster.with(nodes: 5) { cluster in
            try suite(in: cluster)
            let submitted = try cluster.plumbline(
                ["fleet", "submit", "f", "--machines", "5", "--time", "60m", "--seed", "7", "--"]
                    + Self.paced)
            #expect(submitted.exit == .exited(0), "\(submitted.diagnostics)")
            let job = try #require(Int(submitted.document.words[1].dropLast()))
            try wait(forBlocksOfTask: 2, of: "f", in: cluster)
            let early = try cluster.plumbline("fleet", "collect", "f")
            #expect(early.exit == .exited(4))
            #expect(try cluster.slurm("scancel", "--batch", "--signal=TERM", "\(job)_2").succeeded)
            try wait(until: "lost", ofTask: 2, of: "f", in: cluster)
            let journal = "\(cluster.directory)/f/2/journal.jsonl"
            #expect(try StoredJournal(readingFrom: journal).ending?.state == .interrupted)

            let collected = try cluster.plumbline("fleet", "collect", "f")
            #expect(collected.exit == .exited(4), "\(collected.diagnostics)")
            #expect(collected.diagnostics.contains("task 2 was lost and is submitted once more"))
            let again = try cluster.plumbline("fleet", "collect", "f")
            #expect(!again.diagnostics.contains("submitted once more"))
            try release(in: cluster)

            let done = try wait(until: "finished", of: "f", in: cluster)
            #expect(done.at("tasks.2.resubmitted") == .flag(true))
            #expect(done.at("tasks.1.resubmitted") == .flag(false))
            let plan = try FleetDirectory(opening: "\(cluster.directory)/f").plan()
            #expect(plan.submissions.map(\.tasks) == [[0, 1, 2, 3, 4], [2]])
            let resumed = try StoredJournal(readingFrom: journal)
            #expect(resumed.resumptions.count == 1)
            #expect(resumed.ending?.state == .finished)

            let merged = try cluster.plumbline("fleet", "collect", "f", "--format", "json")
            let result = try document(merged.document, cluster)
            // 5: slices may be void unevenly by chance where five machines share the CPUs.
            #expect([0, 3, 4, 5].map { ChildProcess.Exit.exited($0) }.contains(merged.exit))
            #expect(result.at("verdict.cells.0.machines_counted") == .integer(5))
            #expect(result.at("verdict.machines_to_come") == .integer(0))
            let machines = result.at("verdict.machines")?.items?.compactMap(\.text) ?? []
            #expect(machines.sorted() == ["n1", "n2", "n3", "n4", "n5"])
            let seeds = try (0..<5).map {
                try StoredJournal(readingFrom: "\(cluster.directory)/f/\($0)/journal.jsonl")
                    .header.seed
            }
            #expect(seeds == [7, 8, 9, 10, 11])
        }
    }

    @Test(
        "a node that dies in the middle of a task returns, and its journal is resumed",
        .enabled(if: playsFaults, "takes half a minute: run `make fault-test`"))
    func aNodeDiesAndReturns() throws {
        try SlurmCluster.with(nodes: 2) { cluster in
            try suite(in: cluster)
            let submitted = try cluster.plumbline(
                ["fleet", "submit", "f", "--machines", "2", "--"] + Self.paced)
            #expect(submitted.exit == .exited(0), "\(submitted.diagnostics)")
            try wait(forBlocksOfTask: 1, of: "f", in: cluster)
            let fleet = try FleetDirectory(opening: "\(cluster.directory)/f")
            let node = try #require(try fleet.record(of: 1)?.machine)

            // A slurmd that is started anew finds its task again.
            try cluster.killSlurmd(of: node)
            try cluster.startNode(node)
            #expect(states(try status(cluster, "f")) == ["running", "running"])

            try cluster.crash(node)
            let measured = try StoredJournal(readingFrom: fleet.journal(of: 1)).slices.count
            #expect(measured >= 4)
            try cluster.takeForLost(node)
            try cluster.startNode(node)
            try wait(until: "lost", ofTask: 1, of: "f", in: cluster)
            let collected = try cluster.plumbline("fleet", "collect", "f")
            #expect(collected.exit == .exited(4), "\(collected.diagnostics)")
            #expect(collected.diagnostics.contains("task 1 was lost and is submitted once more"))
            try release(in: cluster)

            let done = try wait(until: "finished", of: "f", in: cluster)
            #expect(done.at("tasks.1.machine") == .text(node))
            #expect(try fleet.plan().submissions.map(\.tasks) == [[0, 1], [1]])
            let resumed = try StoredJournal(readingFrom: fleet.journal(of: 1))
            #expect(resumed.resumptions.count == 1)
            #expect(resumed.slices.count > measured)
            #expect(resumed.ending?.state == .finished)
        }
    }

    @Test(
        "a task that goes on without its slurmd does not disturb its second run elsewhere",
        .enabled(if: playsFaults, "takes half a minute: run `make fault-test`"))
    func aNodeIsTakenForLost() throws {
        try SlurmCluster.with(nodes: 2) { cluster in
            try suite(in: cluster)
            let submitted = try cluster.plumbline(
                ["fleet", "submit", "f", "--machines", "1", "--"] + Self.paced)
            #expect(submitted.exit == .exited(0), "\(submitted.diagnostics)")
            try wait(forBlocksOfTask: 0, of: "f", in: cluster)
            let fleet = try FleetDirectory(opening: "\(cluster.directory)/f")
            let first = try #require(try fleet.record(of: 0))
            try cluster.killSlurmd(of: first.machine)
            try cluster.takeForLost(first.machine)
            try wait(until: "lost", ofTask: 0, of: "f", in: cluster)
            let collected = try cluster.plumbline("fleet", "collect", "f")
            #expect(collected.diagnostics.contains("submitted once more: NODE_FAIL"))
            try eventually("the second run starts") {
                try fleet.record(of: 0)?.job != first.job
            }

            // The first run ends while the second one measures.
            try release(first.machine, in: cluster)
            let aside = "\(fleet.path)/0/journal-of-\(first.machine).jsonl"
            try eventually("the first run ends") {
                try StoredJournal(readingFrom: aside).ending != nil
            }
            try eventually("nothing runs on \(first.machine)") {
                try cluster.processes(of: first.machine).isEmpty
            }
            let second = try #require(try fleet.record(of: 0))
            #expect(second.machine != first.machine && second.job != first.job)
            try release(in: cluster)
            _ = try wait(until: "finished", of: "f", in: cluster)
            let journal = try StoredJournal(readingFrom: fleet.journal(of: 0))
            #expect(journal.resumptions.isEmpty && journal.ending?.state == .finished)
        }
    }

    @Test("named machines get a task each, and what Slurm refuses is quoted")
    func namedMachines() throws {
        try SlurmCluster.with(nodes: 3) { cluster in
            try suite(in: cluster)
            let submitted = try cluster.plumbline(
                "fleet", "submit", "named", "--machines-named", "n3,n1", "--", "run",
                "./mine.yaml")
            #expect(submitted.exit == .exited(0), "\(submitted.diagnostics)")
            let done = try wait(until: "finished", of: "named", in: cluster)
            #expect(done.at("tasks.0.machine") == .text("n3"))
            #expect(done.at("tasks.1.machine") == .text("n1"))
            let json = try cluster.plumbline("fleet", "collect", "named", "--format", "json")
            _ = try document(json.document, cluster)
            let collected = try cluster.plumbline("fleet", "collect", "named")
            #expect(collected.exit == .exited(0), "\(collected.diagnostics)")
            #expect(collected.document.contains("n3"))

            let refused = try cluster.plumbline(
                "fleet", "submit", "refused", "--machines", "2", "--partition", "nowhere", "--",
                "run", "./mine.yaml")
            #expect(refused.exit == .exited(1))
            #expect(refused.diagnostics.contains("invalid partition specified: nowhere"))
            #expect(!SystemFile.exists("\(cluster.directory)/refused"))
        }
    }

    @Test("Ctrl-C before the tasks are released leaves no job and no directory")
    func interruptedSubmission() throws {
        try SlurmCluster.with(nodes: 2) { cluster in
            try suite(in: cluster)
            // The real scontrol, after a real signal to plumbline.
            try cluster.write(
                "bin/scontrol",
                "#!/bin/sh\nkill -INT $PPID\nPATH=${PATH#*:}\nexec scontrol \"$@\"\n", mode: 0o755)
            let outcome = try cluster.plumbline(
                "fleet", "submit", "held", "--machines-named", "n2,n1", "--", "run",
                "./mine.yaml")
            #expect(outcome.exit == .exited(130), "\(outcome.diagnostics)")
            #expect(!outcome.diagnostics.contains("scancel"))
            try eventually("no job is left") {
                let jobs = try cluster.slurm("squeue", "--noheader")
                return jobs.succeeded && jobs.output.trimmed.isEmpty
            }
            #expect(!SystemFile.exists("\(cluster.directory)/held"))
        }
    }

    @Test("a task that gets a machine twice is lost, and one that fails says why")
    func oneNodeIsOneMachine() throws {
        try SlurmCluster.with(nodes: 2) { cluster in
            try suite(in: cluster)
            let submitted = try cluster.plumbline(
                "fleet", "submit", "twice", "--machines", "2", "--partition", "one", "--", "run",
                "./mine.yaml")
            #expect(submitted.exit == .exited(0), "\(submitted.diagnostics)")
            try eventually("one is finished and one lost") {
                states(try status(cluster, "twice")).sorted() == ["finished", "lost"]
            }
            // The partition has no other machine, which Slurm says.
            let collected = try cluster.plumbline("fleet", "collect", "twice")
            #expect([1, 4].map { ChildProcess.Exit.exited($0) }.contains(collected.exit))
            let plan = try FleetDirectory(opening: "\(cluster.directory)/twice").plan()
            #expect(plan.submissions.count == 2)

            let failing = try cluster.plumbline(
                "fleet", "submit", "failing", "--machines", "1", "--", "run", "./none.yaml")
            #expect(failing.exit == .exited(0), "\(failing.diagnostics)")
            let failed = try wait(until: "failed", of: "failing", in: cluster)
            #expect(failed.at("tasks.0.message")?.text?.contains("none.yaml") == true)
            #expect(try cluster.plumbline("fleet", "collect", "failing").exit == .exited(1))
        }
    }
}
