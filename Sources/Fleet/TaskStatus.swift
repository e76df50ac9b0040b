// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Where one task of a fleet stands.
package struct TaskStatus: Sendable, Equatable {
    /// Where it stands.
    package enum State: String, Sendable {
        /// Slurm is still to run it.
        case waiting
        /// It runs.
        case running
        /// Its machine is measured.
        case finished
        /// It ended before its time: a node failed, a signal came, or its time was over.
        case lost
        /// Its command refused or failed.
        case failed
    }

    /// Its number, from 0.
    package var number: Int
    /// Where it stands.
    package var state: State
    /// The machine; nil before the first start.
    package var machine: String?
    /// Slurm's words, such as `PENDING (Resources)`; nil where Slurm knows nothing.
    package var slurm: String?
    /// How far its journal is; nil without one.
    package var progress: JournalProgress?
    /// What it had to say of its loss or failure.
    package var message: String?
    /// Whether it was submitted once more.
    package var isResubmitted: Bool
    /// Whether another machine may take it over.
    package var mayMove = false

    /// Whether a second submission may bring what the first did not.
    package var mayBeResubmitted: Bool { state == .lost && !isResubmitted }
}

extension TaskStatus.State {
    /// Where a task stands by all that is known.
    ///
    /// What the task says of itself goes before what Slurm says, for Slurm forgets.
    ///
    /// - Parameters:
    ///   - submission: the task's last submission; nil where there is none.
    ///   - record: what the task said, in any of its lives.
    ///   - slurm: what Slurm says of that submission's task.
    ///   - progress: its journal's; nil without one.
    package init(
        submission: FleetPlan.Submission?, record: TaskRecord?, slurm: SlurmTask?,
        progress: JournalProgress?
    ) {
        guard let job = submission?.job else {
            self = .failed
            return
        }
        if let record, record.job == job, let exit = record.exit {
            if record.repeated != nil {
                self = .lost
            } else if progress?.isFinished == true || [0, 3, 4, 5].contains(exit) {
                self = .finished
            } else {
                self = exit == 130 ? .lost : .failed
            }
            return
        }
        if slurm?.isWaiting == true {
            self = .waiting
        } else if slurm?.isRunning == true {
            self = .running
        } else if slurm?.state == "FAILED", progress == nil {
            self = .failed
        } else {
            self = .lost
        }
    }
}
