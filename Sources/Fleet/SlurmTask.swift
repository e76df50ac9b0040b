// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// What Slurm says of one task of a job array.
package struct SlurmTask: Sendable, Equatable {
    /// The job array's id.
    package var job: Int
    /// The task's number.
    package var number: Int
    /// Slurm's word, such as `PENDING`, `RUNNING` or `NODE_FAIL`.
    package var state: String
    /// The node; nil while there is none.
    package var node: String?
    /// Why it waits, in Slurm's word; nil where there is none.
    package var reason: String?

    /// Whether it is still to run.
    package var isWaiting: Bool { Self.waiting.contains(state) }
    /// Whether it runs.
    package var isRunning: Bool { Self.running.contains(state) }
    /// Whether its node, not the task, ended it.
    package var hasLostNode: Bool { state == "NODE_FAIL" || state == "BOOT_FAIL" }

    // The states of squeue(1), JOB STATE CODES.
    private static let waiting: Set = [
        "PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "RESV_DEL_HOLD",
        "SPECIAL_EXIT", "SUSPENDED",
    ]
    private static let running: Set = [
        "RUNNING", "COMPLETING", "SIGNALING", "STAGE_OUT", "STOPPED", "RESIZING",
    ]

    /// The fields of `squeue`, one task a line.
    static let queueFormat = "%F|%K|%T|%N|%r"
    /// The fields of `sacct`, one task a line.
    static let accountFormat = "JobID,State,NodeList"

    /// Reads what `squeue --noheader --array` prints in `queueFormat`; other lines are left out.
    package static func queue(_ text: String) -> [SlurmTask] {
        text.split(separator: "\n").compactMap { line in
            let fields = line.split(
                separator: "|", maxSplits: 4, omittingEmptySubsequences: false)
            guard fields.count == 5, let job = Int(fields[0].trimmed),
                let number = Int(fields[1].trimmed)
            else { return nil }
            return SlurmTask(
                job: job, number: number, state: word(fields[2]), node: name(fields[3]),
                reason: name(fields[4]))
        }
    }

    /// Reads what `sacct --noheader --parsable2` prints in `accountFormat`; other lines, such as
    /// those of tasks that nobody has seen yet, are left out.
    package static func accounts(_ text: String) -> [SlurmTask] {
        text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: "|", omittingEmptySubsequences: false)
            let ids = fields[0].split(separator: "_")
            guard fields.count == 3, ids.count == 2, let job = Int(ids[0]),
                let number = Int(ids[1])
            else { return nil }
            return SlurmTask(
                job: job, number: number, state: word(fields[1]), node: name(fields[2]))
        }
    }

    /// `CANCELLED` of `CANCELLED by 1000` and of `CANCELLED+`.
    private static func word(_ text: Substring) -> String {
        String(text.trimmed.prefix { $0.isLetter || $0 == "_" })
    }

    /// Nil for what stands for none.
    private static func name(_ text: Substring) -> String? {
        let name = text.trimmed
        return ["", "None", "None assigned", "(null)"].contains(name) ? nil : name
    }
}
