// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Fleet
import LabSupport
import Linux
import Protocol
import Reports
import SchemaSupport
import Testing

@testable import Commands

/// What `plumbline fleet` does without a cluster.
struct FleetCommandTests {
    private func fleet(_ words: [String]) async -> Invocation {
        await Invocation(["fleet"] + words)
    }

    @Test func dryRunPrintsTheCommandAndTheScriptAndMakesNothing() async throws {
        let scratch = try ScratchDirectory()
        let result = await fleet([
            "submit", "\(scratch.path)/f", "--machines", "8", "--time", "90s", "--partition",
            "a'b", "--dry-run", "--", "run", "smoke",
        ])
        #expect(result.code == 0, "\(result.diagnostics)")
        #expect(result.document.hasPrefix("sbatch --parsable "))
        #expect(result.document.contains("--array=0-7 "))
        #expect(result.document.contains("--time=2 "))
        #expect(result.document.contains(#"'--partition=a'\''b'"#))
        #expect(result.document.contains("#!/bin/sh\n"))
        #expect(try SystemFile.list(scratch.path) == [])
    }

    @Test(arguments: [
        (["--machines", "2"], "missing a command"),
        (["--", "run", "smoke"], "missing --machines"),
        (["--machines", "0", "--", "run", "smoke"], "'0' for --machines"),
        (["--machines", "2", "--machines-named", "a,b", "--", "run", "smoke"], "--machines-named"),
        (["--machines-named", "a,a", "--", "run", "smoke"], "twice"),
        (["--machines-named=-w", "--", "run", "smoke"], "invalid machine name '-w'"),
        (["--machines", "2", "--time", "2 hours", "--", "run", "smoke"], "--time"),
        (["--machines", "2", "--", "doctor"], "a fleet cannot run 'doctor'"),
        (["--machines", "2", "--", "run"], "missing a suite"),
        (["--machines", "2", "--", "run", "smoke", "--colour"], "--colour"),
        (["--machines", "2", "--", "run", "smoke", "--output", "x"], "--output"),
        (["--machines", "2", "--", "run", "smoke", "--resume"], "--resume"),
        (["--machines", "2", "--", "run", "smoke", "--seed", "1"], "--seed before --"),
        (
            ["--machines", "2", "--", "ab", "smoke", "--a", "x", "--b", "y", "--until-decided"],
            "--until-decided"
        ),
        (["--machines", "2", "--", "run", "smoke", "--on", "ssh://box"], "--on ssh://box is not"),
        (["--machines", "2", "--", "toggle", "smoke", "--on", "ssh://box"], "--on ssh://box is"),
        (["--machines", "2", "--", "ab", "smoke", "--on", "box.yaml"], "--on box.yaml is not"),
        (
            ["--machines", "2", "--", "ab", "smoke", "--a", "ssh://x", "--b", "ssh://y"],
            "--a ssh://x is not supported in a fleet"
        ),
        (
            ["--machines", "2", "--", "toggle", "smoke", "--metric", "instructions"],
            "--metric instructions"
        ),
    ])
    func whatNoMachineCanRunIsRefusedBeforeSlurmIsAsked(
        words: [String], message: String
    ) async throws {
        let scratch = try ScratchDirectory()
        let result = await fleet(["submit", "\(scratch.path)/f"] + words)
        #expect(result.code == 64)
        #expect(result.diagnostics.contains(message), "\(result.diagnostics)")
        #expect(try SystemFile.list(scratch.path) == [])
    }

    @Test func whatIsNoFleetIsRefusedByEachCommand() async throws {
        let scratch = try ScratchDirectory()
        for command in ["status", "collect", "task"] {
            let result = await fleet([command, scratch.path])
            #expect(result.code == 64, "\(command)")
            #expect(result.diagnostics.contains("is not the directory of a fleet"))
        }
    }

    @Test func withoutSlurmThePackageIsNamedAndNothingIsLeft() throws {
        try BuiltProgram.inDirectory { directory in
            let result = try Command.run([
                "env", "-C", directory, "PATH=/nowhere", BuiltProgram.path, "fleet", "submit",
                "f", "--machines", "2", "--", "run", "smoke",
            ])
            #expect(result.exit == .exited(1))
            #expect(result.output.contains("sbatch is not installed"))
            #expect(result.output.contains("apt-get install slurm-wlm"))
            #expect(try SystemFile.list(directory) == [])
        }
    }

    @Test func aTaskRestoresFirstWhatAKilledRunLeftOrFails() throws {
        try BuiltProgram.inDirectory { directory in
            func write(_ name: String, _ text: String) throws {
                try Descriptor.open("\(directory)/\(name)", [.write, .create]).writeAll(text)
            }
            func leave(_ undo: String) throws {
                // No process has this number: it is above the kernel's greatest.
                try write(
                    "undo-4194305-1.jsonl", #"{"change":{"number":1,"undo":\#(undo)}}"# + "\n")
            }
            try write("knob", "b")
            try leave(#"{"writeBack":{"path":"\#(directory)/knob","value":"a"}}"#)
            let restored = try FleetTaskCommand.restore(in: directory).map(\.description)
            #expect(restored == ["write 'a' back to \(directory)/knob: done"])
            #expect(try SystemFile.read("\(directory)/knob") == "a")
            #expect(try FleetTaskCommand.restore(in: directory).isEmpty)

            // A directory that is not empty and does not have our name is not removed.
            try SystemFile.makeDirectory("\(directory)/full")
            try write("full/inside", "x")
            try leave(#"{"removeDirectory":{"path":"\#(directory)/full"}}"#)
            let error = failure { () throws(PlumblineError) in
                try FleetTaskCommand.restore(in: directory)
            }
            #expect(error?.message.contains("remove directory \(directory)/full: failed") == true)
        }
    }

    @Test func finishedTasksAreMergedWithoutAskingSlurm() throws {
        try BuiltProgram.inDirectory { directory in
            let fleet = try FleetDirectory(making: "\(directory)/f", machines: 2)
            var plan = FleetPlan(
                name: "x", command: ["run", "smoke"], machines: 2, seed: 1,
                request: SlurmRequest(directory: "/"))
            plan.submissions = [.init(tasks: [0, 1], job: 12, at: 1)]
            try fleet.save(plan)
            for task in 0..<2 {
                let agent = try FakeAgentScript()
                defer { agent.remove() }
                let run = try Command.run([
                    BuiltProgram.path, "run", "smoke", "--cells", "pipe/*4KiB*", "--slices", "2",
                    "--agent", agent.path, "--quiet", "--output", fleet.journal(of: task),
                ])
                #expect(run.succeeded, "\(run.output)")
                var record = TaskRecord(job: 12, machine: "n\(task)", startedAt: 1)
                record.exit = 0
                try fleet.save(record, of: task)
            }
            let collected = try Command.run([
                "env", "PATH=/nowhere", BuiltProgram.path, "fleet", "collect", fleet.path,
            ])
            #expect(collected.succeeded, "\(collected.output)")
            #expect(collected.output.contains("n0"))
            #expect(collected.output.contains("finished"))
            let json = try Command.run([
                "env", "PATH=/nowhere", BuiltProgram.path, "fleet", "status", fleet.path,
                "--format", "json",
            ])
            let document = try LineCodec.decode(JSONValue.self, from: json.output.utf8)
            #expect(document.at("tasks.1.machine") == .text("n1"))
            let schema = try SchemaValidator(ReportFormat.fleetSchemaText)
            #expect(schema.problems(document) == [])
        }
    }
}
