// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// Slurm's own programs, run one after the other; their errors are quoted.
package struct Slurm: Sendable {
    private static let outputLimit = 8 << 20
    private static let limitMilliseconds = 120_000

    package init() {}

    /// Submits tasks.
    ///
    /// - Parameter arguments: a command line of `SlurmRequest`.
    /// - Returns: the job's id.
    /// - Throws: `failure` with what sbatch said.
    package func submit(_ arguments: [String]) throws(PlumblineError) -> Int {
        let output = try run(arguments)
        guard let job = Self.job(in: output) else {
            throw .failure("sbatch gave no job id: \(Self.quote(output))")
        }
        return job
    }

    /// The id that `sbatch --parsable` prints, alone or before `;CLUSTER`; warnings may stand
    /// before it.
    package static func job(in output: String) -> Int? {
        output.split(separator: "\n").last.flatMap { line in
            Int(line.prefix { $0 != ";" }.trimmed)
        }
    }

    /// Lets a held task run on one node only.
    package func pin(task: Int, of job: Int, to node: String) throws(PlumblineError) {
        _ = try run(["scontrol", "update", "JobId=\(job)_\(task)", "ReqNodeList=\(node)"])
    }

    /// Lets held tasks run.
    package func release(_ job: Int) throws(PlumblineError) {
        _ = try run(["scontrol", "release", "\(job)"])
    }

    /// Takes the jobs of a name out of the queue.
    package func cancel(named name: String) throws(PlumblineError) {
        _ = try run(["scancel", "--name=\(name)"])
    }

    /// What Slurm knows of jobs' tasks: first the accounts, where there are any, then the queue's
    /// memory, which is newer and forgets a task some minutes after its end.
    package func tasks(of jobs: [Int]) throws(PlumblineError) -> [SlurmTask] {
        guard !jobs.isEmpty else { return [] }
        var tasks = accounts(jobs)
        for job in jobs { tasks += try queue(job) }
        return tasks
    }

    private func queue(_ job: Int) throws(PlumblineError) -> [SlurmTask] {
        let arguments = [
            "squeue", "--noheader", "--array", "--states=all", "--jobs=\(job)",
            "--format=\(SlurmTask.queueFormat)",
        ]
        let result = try start(arguments)
        if result.succeeded { return SlurmTask.queue(result.output) }
        guard result.output.contains("Invalid job id") else { throw Self.failed(arguments, result) }
        return []
    }

    /// Empty without accounting.
    private func accounts(_ jobs: [Int]) -> [SlurmTask] {
        let result = try? start([
            "sacct", "--noheader", "--parsable2", "--allocations",
            "--jobs=\(jobs.map { "\($0)" }.joined(separator: ","))",
            "--format=\(SlurmTask.accountFormat)",
        ])
        guard let result, result.succeeded else { return [] }
        return SlurmTask.accounts(result.output)
    }

    private func run(_ arguments: [String]) throws(PlumblineError) -> String {
        let result = try start(arguments)
        guard result.succeeded else { throw Self.failed(arguments, result) }
        return result.output
    }

    private func start(_ arguments: [String]) throws(PlumblineError) -> Command.Result {
        do throws(Errno) {
            return try Command.run(
                arguments, outputLimit: Self.outputLimit,
                timeoutMilliseconds: Self.limitMilliseconds)
        } catch .noSuchFileOrDirectory {
            throw .failure(
                "\(arguments[0]) is not installed", remedy: "apt-get install slurm-wlm")
        } catch .interrupted {
            throw PlumblineError(.interrupted, "interrupted")
        } catch {
            throw .failure("\(arguments[0]): \(error)")
        }
    }

    private static func failed(
        _ arguments: [String], _ result: Command.Result
    ) -> PlumblineError {
        let code =
            switch result.exit {
            case .exited(let status): "exit code \(status)"
            case .signalled(let signal): "signal \(signal)"
            }
        return .failure(
            "\(arguments[0]) failed: \(result.output.isEmpty ? code : quote(result.output))",
            remedy: "check `sinfo`, and that SLURM_CONF names your cluster's slurm.conf")
    }

    /// A program's output, its lines one after the other.
    private static func quote(_ output: String) -> String {
        output.split(separator: "\n").map { $0.trimmed }.joined(separator: "; ").cut(to: 600)
    }
}
