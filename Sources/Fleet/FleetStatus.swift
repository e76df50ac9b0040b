// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux

/// Where all tasks of a fleet stand.
package struct FleetStatus: Sendable {
    /// The plan.
    package let plan: FleetPlan
    /// The tasks by their numbers.
    package let tasks: [TaskStatus]

    /// Looks at the tasks, and reads their journals one after the other.
    ///
    /// Slurm is asked only where a task has not said how it ended.
    ///
    /// - Parameter body: is given each journal that can be read, with its task.
    /// - Throws: `failure` for a fleet's file that is damaged, and when Slurm cannot be asked.
    package init(
        of fleet: FleetDirectory, slurm: Slurm,
        _ body: (TaskStatus, StoredJournal) -> Void = { _, _ in }
    ) throws(PlumblineError) {
        plan = try fleet.plan()
        // Slurm before the tasks' own words: a task says how it ended before Slurm does.
        let known = try slurm.tasks(of: Self.openJobs(plan, fleet))
        var tasks: [TaskStatus] = []
        for number in 0..<plan.machines {
            let (status, journal) = try Self.status(of: number, plan, fleet, known: known)
            tasks.append(status)
            if let journal { body(status, journal) }
        }
        self.tasks = tasks
    }

    /// The jobs of tasks that have not said how they ended.
    private static func openJobs(
        _ plan: FleetPlan, _ fleet: FleetDirectory
    ) throws(PlumblineError) -> [Int] {
        var jobs: Set<Int> = []
        for number in 0..<plan.machines {
            guard let job = plan.submission(of: number)?.job else { continue }
            let record = try fleet.record(of: number)
            if record?.job != job || record?.exit == nil { jobs.insert(job) }
        }
        return jobs.sorted()
    }

    private static func status(
        of number: Int, _ plan: FleetPlan, _ fleet: FleetDirectory, known: [SlurmTask]
    ) throws(PlumblineError) -> (TaskStatus, StoredJournal?) {
        let submission = plan.submission(of: number)
        let slurm = known.last { $0.job == submission?.job && $0.number == number }
        let record = try fleet.record(of: number)
        let path = fleet.journal(of: number)
        var journal: StoredJournal?
        var damage: String?
        if SystemFile.exists(path) {
            do { journal = try StoredJournal(readingFrom: path) } catch { damage = error.message }
        }
        let progress = journal.map(JournalProgress.init)
        let isOfThisRun = record?.job == submission?.job
        var status = TaskStatus(
            number: number,
            state: .init(
                submission: submission, record: record, slurm: slurm, progress: progress),
            machine: isOfThisRun ? record?.machine : slurm?.node ?? record?.machine,
            slurm: slurm?.text, progress: progress,
            message: nil, isResubmitted: plan.isResubmitted(number),
            mayMove: record?.repeated != nil || slurm?.hasLostNode == true)
        if status.state == .lost || status.state == .failed {
            status.message =
                damage
                ?? message(
                    of: number, submission: submission, record: record, in: fleet)
        }
        return (status, journal)
    }

    /// What there is to say of a task's loss or failure.
    private static func message(
        of number: Int, submission: FleetPlan.Submission?, record: TaskRecord?,
        in fleet: FleetDirectory
    ) -> String? {
        guard submission?.job != nil else {
            return submission?.error
                ?? "it is not known whether Slurm took the job: see `squeue --name`"
        }
        if let record, let other = record.repeated {
            return "\(record.machine) is measured by task \(other)"
        }
        return record?.message ?? fleet.lastLine(of: number)
    }
}

extension SlurmTask {
    /// `PENDING (Resources)`.
    fileprivate var text: String {
        isWaiting ? reason.map { "\(state) (\($0))" } ?? state : state
    }
}
