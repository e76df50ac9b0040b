// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// One experiment on many machines, and what was submitted of it: the file `fleet.json`.
package struct FleetPlan: Codable, Sendable, Equatable {
    /// The schema that this version writes and reads.
    package static let schemaName = "plumbline.fleet/1"
    /// The most machines of a fleet.
    package static let mostMachines = 1000

    /// A job array of Slurm.
    package struct Submission: Codable, Sendable, Equatable {
        /// The tasks, by their numbers from 0.
        package var tasks: [Int]
        /// The job's id; absent until Slurm has taken the job.
        package var job: Int?
        /// Why tasks were submitted once more.
        package var reason: String?
        /// Why Slurm did not take the job.
        package var error: String?
        /// CLOCK_REALTIME, nanoseconds since 1970.
        package var at: UInt64

        package init(tasks: [Int], job: Int? = nil, reason: String? = nil, at: UInt64) {
            self.tasks = tasks
            self.job = job
            self.reason = reason
            self.at = at
        }

        private enum CodingKeys: String, CodingKey {
            case tasks, job, reason, error
            case at = "at_ns"
        }
    }

    /// The file's schema.
    package var schema = Self.schemaName
    /// Names the fleet's jobs in Slurm's queue.
    package var name: String
    /// The command of each machine, the program's name left out.
    package var command: [String]
    /// The machines, one a task.
    package var machines: Int
    /// Task by task the machine to measure; absent where Slurm chooses.
    package var machineNames: [String]?
    /// The seed of the first task; each further task has the next number.
    package var seed: UInt64
    /// What Slurm is asked for.
    package var request: SlurmRequest
    /// What was submitted, in order; a task that was lost is in two of them.
    package var submissions: [Submission] = []

    /// A plan with nothing submitted.
    package init(
        name: String, command: [String], machines: Int, machineNames: [String]? = nil,
        seed: UInt64, request: SlurmRequest
    ) {
        self.name = name
        self.command = command
        self.machines = machines
        self.machineNames = machineNames
        self.seed = seed
        self.request = request
    }

    private enum CodingKeys: String, CodingKey {
        case schema, name, command, machines, seed, request, submissions
        case machineNames = "machine_names"
    }

    /// The last submission of a task.
    package func submission(of task: Int) -> Submission? {
        submissions.last { $0.tasks.contains(task) }
    }

    /// Whether a task was submitted a second time.
    package func isResubmitted(_ task: Int) -> Bool {
        submissions.count { $0.tasks.contains(task) } > 1
    }

    /// The command of a task.
    ///
    /// A comparison is measured in full on each machine: an early stop there would bias the
    /// machine's value, which is one unit of the fleet's verdict.
    ///
    /// - Parameters:
    ///   - journal: the path of the task's journal.
    ///   - resumes: whether it holds something to go on from.
    package func arguments(of task: Int, journal: String, resumes: Bool) -> [String] {
        var arguments = command
        let noEarlyStop = "--no-early-stop"
        if command.first != "run", !command.contains(noEarlyStop) { arguments.append(noEarlyStop) }
        arguments += ["--quiet", "--seed", "\(seed &+ UInt64(task))", "--output", journal]
        if resumes { arguments.append("--resume") }
        return arguments
    }

    /// Checks the name of a machine, which becomes a file's name and a word for Slurm.
    ///
    /// - Throws: `usage`.
    package static func check(machineName name: String) throws(PlumblineError) {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isPlain, let first = name.first, first.isLetter || first.isNumber, name.count <= 255
        else {
            throw .usage(
                "invalid machine name '\(name.cut(to: 64))' (allowed: letters, digits, '.', '_' "
                    + "and '-', the first a letter or a digit)")
        }
    }
}
