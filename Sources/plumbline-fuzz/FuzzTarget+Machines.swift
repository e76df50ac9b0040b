// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Fleet
import Kernels
import Protocol
import Remotes
import Suites

extension FuzzTarget {
    /// Target files, to the commands that boot their kernels.
    static func targetFile() -> FuzzTarget {
        let seeds = TargetFile.Way.allCases.map { $0.example.bytes }
        let words = [
            "host: ssh://", "boot: ", "timeout: 1s\n", "where: here\n", "{run: [x], where: here}",
            "\"{kernel}\"", "kernels: [a, b]\n", "expect: {", "[", "]", "}",
        ]
        return FuzzTarget(name: "target-file", seeds: seeds, words: words) {
            (input) throws(PlumblineError) in
            let source = SuiteSource(place: "x", text: String(decoding: input, as: UTF8.self))
            let file = try TargetFile(source)
            for kernel in file.kernels { _ = file.steps(for: kernel) }
            return true
        }
    }

    /// Addresses of machines. One that is accepted is written as it is read, and has no option.
    static func sshAddress() -> FuzzTarget {
        let seeds = ["ssh://root@testbox:22", "ssh://[fe80::1%eth0]:2222", "ssh://a@b@c.d"]
        let words = ["ssh://", "@", ":", "[", "]", "%", "-"]
        return FuzzTarget(name: "ssh-address", seeds: seeds.map(\.bytes), words: words) {
            (input) throws(PlumblineError) in
            let address = try SSHAddress(String(decoding: input, as: UTF8.self))
            precondition((try? SSHAddress(address.description)) == address)
            precondition(!address.host.isLikeOption && address.user?.isLikeOption != true)
            return true
        }
    }

    /// What sbatch, squeue and sacct print.
    static func slurm() -> FuzzTarget {
        let seeds = [
            "41|0|RUNNING|node1|None\n41|1|PENDING||(Resources)\n",
            "41_0|COMPLETED|node1\n41_1|CANCELLED by 0|None assigned\n",
            "sbatch: warning\n41;cluster\n",
        ]
        let words = ["|", "_", ";", "\n", "(null)", "NODE_FAIL"]
        return FuzzTarget(name: "slurm", seeds: seeds.map(\.bytes), words: words) { input in
            let text = String(decoding: input, as: UTF8.self)
            let tasks = SlurmTask.queue(text) + SlurmTask.accounts(text)
            return !tasks.isEmpty || Slurm.job(in: text) != nil
        }
    }

    /// The files of a fleet: the plan, and what a task says of itself.
    static func fleet() throws(PlumblineError) -> FuzzTarget {
        var plan = FleetPlan(
            name: "x", command: ["toggle", "smoke"], machines: 2, machineNames: ["a", "b"],
            seed: 1, request: SlurmRequest(partition: "p", minutes: 9, directory: "/tmp"))
        plan.submissions = [.init(tasks: [0, 1], job: 41, reason: "x", at: 1)]
        var task = TaskRecord(job: 41, machine: "a", startedAt: 1)
        (task.exit, task.message, task.repeated) = (1, "x", 0)
        let seeds = [try LineCodec.encode(plan), try LineCodec.encode(task)].map {
            Array($0.dropLast())
        }
        let words = ["\"machines\":", "\"tasks\":", ",", ":", "{", "}", "[", "]", "\""]
        return FuzzTarget(name: "fleet", seeds: seeds, words: words) {
            (input) throws(PlumblineError) in
            if (try? LineCodec.decode(TaskRecord.self, from: input)) != nil { return true }
            let plan = try LineCodec.decode(FleetPlan.self, from: input)
            _ = (plan.submission(of: 0), plan.isResubmitted(0))
            _ = plan.arguments(of: 1, journal: "x", resumes: true)
            return true
        }
    }

    /// What `git bisect log` prints.
    static func bisectLog() -> FuzzTarget {
        let (good, bad) = (String(repeating: "a1", count: 20), String(repeating: "b2", count: 20))
        let log = """
            # bad: [\(bad)] x: y
            # good: [\(good)] x: z
            git bisect start '--no-checkout' '\(bad)' '\(good)' '--'
            # skip: [\(bad)] x: y
            git bisect skip \(bad)
            # first bad commit: [\(bad)] x: y
            # possible first bad commit: [\(good)] x: z
            """
        let words = ["# ", ": [", "] ", "bad", "first bad commit", "possible first bad commit"]
        return FuzzTarget(name: "bisect-log", seeds: [log.bytes], words: words) { input in
            let lines = String(decoding: input, as: UTF8.self).split(separator: "\n")
            return GitBisection.read(lines.map { String($0) }) != nil
        }
    }
}
