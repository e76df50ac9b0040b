// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Fleet

/// What Slurm's programs print, and the command lines that they get.
struct SlurmTextTests {
    @Test func theQueueIsReadTaskByTask() {
        let tasks = SlurmTask.queue(
            """
            12|0|RUNNING|n1|None
            12|1|PENDING||Resources
            12|2|CANCELLED|n3|None
            12|N/A|COMPLETED|n3|None
            slurm_load_jobs error: something

            12|3|PENDING||Dependency|odd
            """)
        #expect(tasks.map(\.number) == [0, 1, 2, 3])
        #expect(tasks[0] == SlurmTask(job: 12, number: 0, state: "RUNNING", node: "n1"))
        #expect(tasks[1].reason == "Resources")
        #expect(tasks[1].node == nil)
        #expect(tasks[1].isWaiting && tasks[0].isRunning && !tasks[2].isRunning)
        #expect(tasks[3].reason == "Dependency|odd")
    }

    @Test func theAccountsAreReadAndTasksThatNobodySawAreLeftOut() {
        let tasks = SlurmTask.accounts(
            """
            12_0|COMPLETED|n1
            12_1|CANCELLED by 1000|n2
            12_2|NODE_FAIL|n3
            12_[3-7]|PENDING|None assigned
            13|COMPLETED|n1
            12_4
            """)
        #expect(tasks.map(\.state) == ["COMPLETED", "CANCELLED", "NODE_FAIL"])
        #expect(tasks.map(\.hasLostNode) == [false, false, true])
        #expect(tasks.map(\.node) == ["n1", "n2", "n3"])
    }

    @Test func theJobsIdIsTheLastLine() {
        #expect(Slurm.job(in: "12\n") == 12)
        #expect(Slurm.job(in: "sbatch: Warning: something\n12;cluster\n") == 12)
        #expect(Slurm.job(in: "") == nil)
        #expect(Slurm.job(in: "Submitted batch job 12\n") == nil)
    }

    @Test func eachTaskGetsANodeForItselfAndAGrace() {
        let request = SlurmRequest(
            partition: "-p;rm", constraint: "fast&big", minutes: 120, directory: "/home/a b")
        let words = request.arguments(
            .init([0, 1, 2]), name: "x", program: "/bin/plumbline", fleet: "/shared/$(fleet)")
        #expect(words.first == "sbatch")
        for word in [
            "--parsable", "--array=0-2", "--nodes=1", "--ntasks=1", "--exclusive",
            "--signal=B:TERM@60", "--no-requeue", "--partition=-p;rm", "--constraint=fast&big",
            "--time=120", "--chdir=/home/a b",
        ] {
            #expect(words.contains(word), "\(word)")
        }
        // Nothing after the script is an option: an absolute path each.
        #expect(
            words.suffix(3) == ["/shared/$(fleet)/task.sh", "/bin/plumbline", "/shared/$(fleet)"])
        #expect(!words.contains { $0.hasPrefix("--nodelist") || $0.hasPrefix("--exclude=") })
    }

    @Test func aTaskThatIsSubmittedAgainHasItsNodeOrOneThatNobodyTook() {
        let request = SlurmRequest(directory: "/")
        func words(_ tasks: SlurmRequest.Tasks) -> [String] {
            request.arguments(tasks, name: "x", program: "/p", fleet: "/f")
        }
        #expect(words(.init([3], node: "n3")).contains("--nodelist=n3"))
        #expect(words(.init([3], excluded: ["n1", "n2"])).contains("--exclude=n1,n2"))
        #expect(words(.init([3])).contains("--array=3"))
        #expect(words(.init([1, 3])).contains("--array=1,3"))
        #expect(words(.init([0, 1], isHeld: true)).contains("--hold"))
    }

    @Test("the batch script quotes its arguments and has no word of the user's")
    func script() {
        #expect(SlurmRequest.script.hasPrefix("#!/bin/sh\n"))
        #expect(SlurmRequest.script.contains(#"exec "$1" fleet task -- "$2" >>"#))
    }

    @Test func namesOfMachinesAreNoOptionsPathsOrLists() throws {
        for name in ["n1", "node-07.rack_2", "7"] { try FleetPlan.check(machineName: name) }
        for name in ["", "-w", "..", "a/b", "n[1-3]", "a b", "a\nb", "n1,n2", "é"] {
            #expect(throws: (any Error).self, "\(name)") {
                try FleetPlan.check(machineName: name)
            }
        }
    }
}
