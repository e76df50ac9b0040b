// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Which task of which job this process is, and on which node, by Slurm's environment.
package struct SlurmPlace: Sendable, Equatable {
    /// The job array's id.
    package let job: Int
    /// The task's number.
    package let task: Int
    /// Slurm's name of the node.
    package let machine: String

    /// Reads the environment of a job.
    ///
    /// - Parameter tasks: how many tasks there are.
    /// - Throws: `usage` outside of a job that `fleet submit` made.
    package init(environment: [String: String], tasks: Int) throws(PlumblineError) {
        guard let job = environment["SLURM_ARRAY_JOB_ID"].flatMap({ Int($0) }),
            let task = environment["SLURM_ARRAY_TASK_ID"].flatMap({ Int($0) }),
            let machine = environment["SLURMD_NODENAME"], (0..<tasks).contains(task)
        else {
            throw .usage(
                "fleet task: this is not a task of a fleet",
                remedy: "Slurm runs it; start a fleet with `plumbline fleet submit`")
        }
        try FleetPlan.check(machineName: machine)
        self.job = job
        self.task = task
        self.machine = machine
    }
}
