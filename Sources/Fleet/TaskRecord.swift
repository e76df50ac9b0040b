// SPDX-License-Identifier: GPL-3.0-or-later

/// What a task says of itself: the file `task.json` in its directory.
package struct TaskRecord: Codable, Sendable, Equatable {
    /// The job array that it belongs to.
    package var job: Int
    /// The machine that it runs on, by Slurm's name of the node.
    package var machine: String
    /// CLOCK_REALTIME at its start, nanoseconds since 1970.
    package var startedAt: UInt64
    /// The exit code of its command; absent while it runs and after a kill.
    package var exit: Int32?
    /// The last line of what it had to say; absent where it had nothing.
    package var message: String?
    /// The task that measured this machine before; this one measured nothing then.
    package var repeated: Int?

    /// A task that starts.
    package init(job: Int, machine: String, startedAt: UInt64) {
        self.job = job
        self.machine = machine
        self.startedAt = startedAt
    }

    private enum CodingKeys: String, CodingKey {
        case job, machine, exit, message, repeated
        case startedAt = "started_at_ns"
    }
}
