// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Fleet

/// Where a task stands, by what it said of itself and by what Slurm says.
struct TaskStateTests {
    private let first = FleetPlan.Submission(tasks: [0, 1], job: 12, at: 1)

    private func record(exit: Int32?, job: Int = 12, repeated: Int? = nil) -> TaskRecord {
        var record = TaskRecord(job: job, machine: "n1", startedAt: 1)
        record.exit = exit
        record.repeated = repeated
        return record
    }

    private func slurm(_ state: String) -> SlurmTask {
        SlurmTask(job: 12, number: 0, state: state)
    }

    private func state(
        _ record: TaskRecord? = nil, slurm: SlurmTask? = nil,
        submission: FleetPlan.Submission? = nil
    ) -> TaskStatus.State {
        .init(submission: submission ?? first, record: record, slurm: slurm, progress: nil)
    }

    @Test func everyResultOfTheCommandIsAFinish() {
        for code: Int32 in [0, 3, 4, 5] { #expect(state(record(exit: code)) == .finished) }
        #expect(state(record(exit: 1)) == .failed)
        #expect(state(record(exit: 64)) == .failed)
        #expect(state(record(exit: 130)) == .lost)
    }

    @Test func theTaskSaysMoreThanSlurm() {
        #expect(state(record(exit: 3), slurm: slurm("NODE_FAIL")) == .finished)
        #expect(state(record(exit: 0), slurm: slurm("RUNNING")) == .finished)
    }

    @Test func withoutAWordOfTheTaskSlurmDecides() {
        let states: [(String, TaskStatus.State)] = [
            ("PENDING", .waiting), ("SUSPENDED", .waiting), ("RUNNING", .running),
            ("COMPLETING", .running), ("CANCELLED", .lost), ("TIMEOUT", .lost),
            ("NODE_FAIL", .lost), ("OUT_OF_MEMORY", .lost), ("COMPLETED", .lost),
            ("FAILED", .failed), ("A_NEW_STATE", .lost),
        ]
        for (word, expected) in states {
            #expect(state(slurm: slurm(word)) == expected, "\(word)")
            #expect(state(record(exit: nil), slurm: slurm(word)) == expected, "\(word)")
        }
    }

    @Test func whatSlurmForgotIsLost() {
        #expect(state() == .lost)
        #expect(state(record(exit: nil)) == .lost)
    }

    @Test func theWordOfAnEarlierLifeDoesNotCount() {
        let again = FleetPlan.Submission(tasks: [0], job: 13, at: 2)
        #expect(state(record(exit: 130), slurm: slurm("PENDING"), submission: again) == .waiting)
    }

    @Test func aMachineThatAnotherTaskMeasuresIsALoss() {
        #expect(state(record(exit: 1, repeated: 1)) == .lost)
    }

    @Test func aSubmissionThatSlurmDidNotTakeIsAFailure() {
        #expect(state(submission: .init(tasks: [0], at: 1)) == .failed)
    }

    @Test func aTaskIsSubmittedTwiceAtMost() {
        var plan = FleetPlan(
            name: "x", command: ["run", "smoke"], machines: 2, seed: 1,
            request: SlurmRequest(directory: "/"))
        plan.submissions = [first]
        #expect(!plan.isResubmitted(0))
        plan.submissions.append(.init(tasks: [0], job: 13, at: 2))
        #expect(plan.isResubmitted(0) && !plan.isResubmitted(1))
        #expect(plan.submission(of: 0)?.job == 13)
        let lost = TaskStatus(number: 0, state: .lost, isResubmitted: true)
        #expect(!lost.mayBeResubmitted)
        #expect(TaskStatus(number: 1, state: .lost, isResubmitted: false).mayBeResubmitted)
        #expect(!TaskStatus(number: 1, state: .failed, isResubmitted: false).mayBeResubmitted)
    }
}
