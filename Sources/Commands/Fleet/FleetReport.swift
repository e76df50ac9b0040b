// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Fleet
import Reports
import Verdicts

/// What `fleet status` and `fleet collect` print: the tasks, and what their journals say together.
struct FleetReport: Report {
    let tasks: [TaskStatus]
    /// Nil for a status, and where no machine has measured anything.
    let verdict: FleetVerdict?
    let exitCode: Int32

    var document: JSONObject {
        JSONObject([
            "schema": "plumbline.fleet-status/1", "tasks": tasks.map(\.document),
            "verdict": verdict?.document, "exit_code": exitCode,
        ])
    }

    var page: TextPage {
        var page = verdict?.page ?? TextPage()
        if verdict != nil { page.add() }
        var table = TextTable()
        table.addTitles("task", "machine", "state", "slurm", "done", "")
        for task in tasks {
            table.add(
                .left("\(task.number)"), .left(task.machine ?? "-"),
                .left(task.stateText, task.role), .left(task.slurm ?? "-"),
                .left(task.progress?.text ?? "-"), .left(task.message ?? ""))
        }
        page.add(table)
        return page
    }
}

extension TaskStatus {
    fileprivate var document: JSONObject {
        JSONObject([
            "task": number, "machine": machine, "state": state.rawValue, "slurm": slurm,
            "unit": progress?.unit, "done": progress?.done, "planned": progress?.planned,
            "resubmitted": isResubmitted, "message": message,
        ])
    }

    fileprivate var stateText: String {
        isResubmitted ? "\(state.rawValue) (again)" : state.rawValue
    }

    fileprivate var role: TextStyle.Role {
        switch state {
        case .waiting, .running: .plain
        case .finished: .good
        case .lost: .warning
        case .failed: .bad
        }
    }
}

extension JournalProgress {
    /// `3 of 8 rounds`.
    fileprivate var text: String { "\(done)\(planned.map { " of \($0)" } ?? "") \(unit)" }
}
