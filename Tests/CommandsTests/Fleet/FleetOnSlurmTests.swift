// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Fleet
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
    private func suite(in cluster: SlurmCluster) throws {
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

    private func status(_ cluster: SlurmCluster, _ fleet: String) throws -> JSONValue {
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
        try eventually("all tasks are \(expected)") {
            last = try status(cluster, fleet)
            return states(last).allSatisfy { $0 == expected }
        }
        return last
    }

    @Test("a cancelled task is submitted once more and resumes, and five machines get a verdict")
    func aCancelledTaskComesBack() throws {
        try SlurmCluster.with(nodes: 5) { cluster in
            try suite(in: cluster)
            let submitted = try cluster.plumbline(
                "fleet", "submit", "f", "--machines", "5", "--time", "20m", "--seed", "7", "--",
                "toggle", "./mine.yaml", "--knob", "set:timing=op,op", "--blocks", "60",
                "--slice", "20ms")
            #expect(submitted.exit == .exited(0), "\(submitted.diagnostics)")
            let job = try #require(Int(submitted.document.words[1].dropLast()))
            try eventually("task 2 measures") {
                let task = try status(cluster, "f").at("tasks.2")
                guard case .integer(let done)? = task?.at("done") else { return false }
                return done >= 3
            }
            let early = try cluster.plumbline("fleet", "collect", "f")
            #expect(early.exit == .exited(4))
            #expect(try cluster.slurm("scancel", "--batch", "--signal=TERM", "\(job)_2").succeeded)
            try eventually("task 2 is lost") {
                states(try status(cluster, "f"))[2] == "lost"
            }
            let journal = "\(cluster.directory)/f/2/journal.jsonl"
            #expect(try StoredJournal(readingFrom: journal).ending?.state == .interrupted)

            let collected = try cluster.plumbline("fleet", "collect", "f")
            #expect(collected.exit == .exited(4), "\(collected.diagnostics)")
            #expect(collected.diagnostics.contains("task 2 was lost and is submitted once more"))
            let again = try cluster.plumbline("fleet", "collect", "f")
            #expect(!again.diagnostics.contains("submitted once more"))

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
