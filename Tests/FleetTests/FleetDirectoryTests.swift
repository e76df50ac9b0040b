// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import LabSupport
import Linux
import Testing

@testable import Fleet

struct FleetDirectoryTests {
    private func plan(_ machines: Int = 3) -> FleetPlan {
        FleetPlan(
            name: "plumbline-1", command: ["toggle", "smoke", "--knob", "set:timing=op,op"],
            machines: machines, seed: 7, request: SlurmRequest(directory: "/"))
    }

    /// A new fleet in a directory that goes with the test.
    private func inFleet(_ body: (FleetDirectory) throws -> Void) throws {
        try Scratch.with { parent in
            let fleet = try FleetDirectory(making: "\(parent)/fleet", machines: 3)
            try fleet.save(plan())
            try body(fleet)
        }
    }

    @Test func theDirectoryIsPrivateAndComesBackAsItWasWritten() throws {
        try inFleet { fleet in
            #expect(try Descriptor.open(fleet.path, .directory).facts().permissions == 0o700)
            let again = try FleetDirectory(opening: fleet.path)
            #expect(try again.plan() == plan())
            #expect(try SystemFile.read("\(fleet.path)/task.sh") == SlurmRequest.script)
            #expect(try SystemFile.list("\(fleet.path)/2") == [])
        }
    }

    @Test func aDirectoryThatExistsIsLeftAlone() throws {
        try Scratch.with { parent in
            let error = failure { () throws(PlumblineError) in
                try FleetDirectory(making: parent, machines: 1)
            }
            #expect(error?.kind == .usage)
            #expect(error?.message == "\(parent) exists already")
            let left = try SystemFile.list(parent)
            #expect(left == [])
        }
    }

    @Test func whatIsNoFleetIsRefused() throws {
        try Scratch.with { parent in
            func message(_ path: String) -> String? {
                failure { () throws(PlumblineError) in try FleetDirectory(opening: path) }?.message
            }
            #expect(message(parent) == "\(parent) is not the directory of a fleet")
            #expect(message("\(parent)/none")?.contains("no such directory") == true)
            try Descriptor.open("\(parent)/file", [.write, .create]).writeAll("x")
            #expect(message("\(parent)/file")?.contains("is not a directory") == true)
        }
    }

    @Test func aDirectoryThatOthersMayWriteToIsRefusedBecauseItsCommandsAreRun() throws {
        try inFleet { fleet in
            #expect(chmod(fleet.path, 0o777) == 0)
            let error = failure { () throws(PlumblineError) in
                try FleetDirectory(opening: fleet.path)
            }
            #expect(error?.kind == .usage)
            #expect(error?.message.contains("can be written by other users") == true)
        }
    }

    @Test(.enabled(if: ChildProcess.userID == 0, "only root can give a directory away"))
    func aDirectoryOfAnotherUserIsRefused() throws {
        try inFleet { fleet in
            #expect(chown(fleet.path, 65534, 65534) == 0)
            let error = failure { () throws(PlumblineError) in
                try FleetDirectory(opening: fleet.path)
            }
            #expect(error?.message.contains("belongs to another user") == true)
        }
    }

    @Test func aTornOrForeignPlanIsNamed() throws {
        try inFleet { fleet in
            let whole = try SystemFile.read("\(fleet.path)/fleet.json")
            let texts = [
                String(whole.prefix(whole.count / 2)), "", "[]",
                whole.replacing("plumbline.fleet/1", with: "plumbline.fleet/9"),
                whole.replacing(#""machines":3"#, with: #""machines":-3"#),
            ]
            for text in texts {
                try Descriptor.open("\(fleet.path)/fleet.json", [.write, .truncate]).writeAll(text)
                let error = failure { () throws(PlumblineError) in try fleet.plan() }
                #expect(error?.kind == .failure, "\(text)")
                #expect(error?.message.contains("fleet.json") == true, "\(text)")
            }
        }
    }

    @Test func aMachineIsTakenOnce() throws {
        try inFleet { fleet in
            #expect(try fleet.take(machine: "n1", for: 0) == nil)
            #expect(try fleet.take(machine: "n1", for: 0) == nil)
            #expect(try fleet.take(machine: "n1", for: 2) == 0)
            #expect(fleet.machines(takenByOthersThan: 2) == ["n1"])
            #expect(fleet.machines(takenByOthersThan: 0) == [])
            fleet.giveBack(machine: "n1")
            #expect(try fleet.take(machine: "n1", for: 2) == nil)
            // A kill between making the file and writing the number.
            try Descriptor.open("\(fleet.path)/machines/n2", [.write, .create]).writeAll("")
            #expect(try fleet.take(machine: "n2", for: 1) == nil)
            #expect(throws: PlumblineError.self) { try fleet.take(machine: "../x", for: 1) }
        }
    }

    @Test func aMachineWaitsForTheEarlierRunOfItsTask() throws {
        try inFleet { fleet in
            #expect(try fleet.take(machine: "n1", for: 0) == nil)
            let earlier = try Descriptor.open("\(fleet.path)/machines/n1", .readWrite)
            try earlier.lockExclusively()
            let error = failure { () throws(PlumblineError) in
                try fleet.hold(machine: "n1", seconds: 0)
            }
            #expect(error?.message.contains("earlier run of this task") == true)
            try earlier.close()
            try fleet.hold(machine: "n1")
        }
    }

    @Test func theEndOfAnEarlierRunDoesNotHideTheLaterOne() throws {
        try inFleet { fleet in
            var earlier = TaskRecord(job: 12, machine: "n1", startedAt: 1)
            try fleet.save(earlier, of: 1)
            let later = TaskRecord(job: 13, machine: "n2", startedAt: 2)
            try fleet.save(later, of: 1)
            earlier.exit = 0
            try fleet.save(end: earlier, of: 1)
            #expect(try fleet.record(of: 1) == later)
        }
    }

    @Test func twoCommandsDoNotChangeAFleetAtOnce() throws {
        try inFleet { fleet in
            let inner = try fleet.locked { () throws(PlumblineError) in
                failure { () throws(PlumblineError) in
                    try fleet.locked { () throws(PlumblineError) in 1 }
                }
            }
            #expect(inner?.message.contains("another plumbline is at work") == true)
            #expect(try fleet.locked { () throws(PlumblineError) in 1 } == 1)
        }
    }

    @Test func aTaskMeasuresInFullWithASeedOfItsOwnAndResumes() {
        let fresh = plan().arguments(of: 2, journal: "/j", resumes: false)
        #expect(
            fresh == [
                "toggle", "smoke", "--knob", "set:timing=op,op", "--no-early-stop", "--quiet",
                "--seed", "9", "--output", "/j",
            ])
        #expect(plan().arguments(of: 2, journal: "/j", resumes: true) == fresh + ["--resume"])
        var run = plan()
        run.command = ["run", "smoke"]
        #expect(!run.arguments(of: 0, journal: "/j", resumes: false).contains("--no-early-stop"))
    }

    @Test func aTaskOfNoFleetIsRefused() throws {
        let good = [
            "SLURM_ARRAY_JOB_ID": "12", "SLURM_ARRAY_TASK_ID": "2", "SLURMD_NODENAME": "n1",
        ]
        let place = try SlurmPlace(environment: good, tasks: 3)
        #expect(place.job == 12 && place.task == 2 && place.machine == "n1")
        for (key, value) in [
            ("SLURM_ARRAY_TASK_ID", "3"), ("SLURM_ARRAY_TASK_ID", "-1"),
            ("SLURM_ARRAY_JOB_ID", "x"), ("SLURMD_NODENAME", "../n1"),
        ] {
            var bad = good
            bad[key] = value
            #expect(throws: PlumblineError.self) { try SlurmPlace(environment: bad, tasks: 3) }
        }
        #expect(throws: PlumblineError.self) { try SlurmPlace(environment: [:], tasks: 3) }
    }
}
