// SPDX-License-Identifier: GPL-3.0-or-later

/// What a fleet asks Slurm for, and the command line of `sbatch` that does so.
package struct SlurmRequest: Codable, Sendable, Equatable {
    /// The partition; absent for Slurm's default.
    package var partition: String?
    /// Features that a machine has to have, as `sbatch --constraint` takes them.
    package var constraint: String?
    /// The longest time of a task, minutes; absent for the partition's limit.
    package var minutes: Int?
    /// The directory in which each task runs: that of the user who submitted.
    package var directory: String

    /// A request.
    package init(
        partition: String? = nil, constraint: String? = nil, minutes: Int? = nil,
        directory: String
    ) {
        self.partition = partition
        self.constraint = constraint
        self.minutes = minutes
        self.directory = directory
    }

    /// The tasks of one submission, and on which nodes they may run.
    package struct Tasks: Sendable, Equatable {
        /// Their numbers.
        package var numbers: [Int]
        /// The only node that may run them; nil for any.
        package var node: String?
        /// Nodes that may not.
        package var excluded: [String] = []
        /// Whether they wait for a release.
        package var isHeld = false

        package init(
            _ numbers: [Int], node: String? = nil, excluded: [String] = [], isHeld: Bool = false
        ) {
            self.numbers = numbers
            self.node = node
            self.excluded = excluded
            self.isHeld = isHeld
        }
    }

    /// The batch script. It holds no word of the user's: the program and the fleet's directory are
    /// its arguments. By `exec` Slurm's signals reach plumbline itself.
    package static let script = """
        #!/bin/sh
        # SPDX-License-Identifier: GPL-3.0-or-later
        # $1: the program plumbline. $2: the fleet's directory.
        exec "$1" fleet task -- "$2" >>"$2/$SLURM_ARRAY_TASK_ID/output" 2>&1

        """

    /// Seconds between SIGTERM, after which a task ends with a journal to resume, and SIGKILL.
    private static let grace = 60

    /// The command line that submits tasks.
    ///
    /// Each task has a node for itself. Slurm does not requeue a task by itself: `collect` submits
    /// a lost one once more, and says so.
    ///
    /// - Parameters:
    ///   - name: the job's name.
    ///   - program: the absolute path of plumbline, on each machine.
    ///   - fleet: the absolute path of the fleet's directory, on each machine.
    package func arguments(
        _ tasks: Tasks, name: String, program: String, fleet: String
    ) -> [String] {
        var words = [
            "sbatch", "--parsable", "--job-name=\(name)",
            "--array=\(Self.list(tasks.numbers))", "--nodes=1", "--ntasks=1", "--exclusive",
            "--signal=B:TERM@\(Self.grace)", "--no-requeue", "--output=/dev/null",
            "--chdir=\(directory)",
        ]
        if let partition { words.append("--partition=\(partition)") }
        if let constraint { words.append("--constraint=\(constraint)") }
        if let minutes { words.append("--time=\(minutes)") }
        if let node = tasks.node { words.append("--nodelist=\(node)") }
        if !tasks.excluded.isEmpty {
            words.append("--exclude=\(tasks.excluded.joined(separator: ","))")
        }
        if tasks.isHeld { words.append("--hold") }
        return words + ["\(fleet)/\(FleetDirectory.scriptName)", program, fleet]
    }

    /// `0-7`, or `1,3`.
    private static func list(_ numbers: [Int]) -> String {
        if numbers.count > 1, let first = numbers.first,
            numbers == Array(first..<first + numbers.count)
        {
            return "\(first)-\(first + numbers.count - 1)"
        }
        return numbers.map { "\($0)" }.joined(separator: ",")
    }
}
