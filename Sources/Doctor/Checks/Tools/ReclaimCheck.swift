// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import Machine
import SystemPackage

/// Whether this machine counts the direct reclaim of single threads.
enum ReclaimCheck {
    static let topic = Topic(.tracing, "worker_reclaim", title: "worker reclaim")

    /// Asks for this process.
    static func tryOut() -> Result<Void, Errno> {
        Result { () throws(Errno) in try TaskStatistics.tryOut() }
    }

    static func finding(_ machine: ExaminedMachine, _ attempt: Result<Void, Errno>) -> Finding {
        let consequence =
            "a cell under pressure does not show whether its own workers were under it; guests do"
        let options = "CONFIG_TASKSTATS and CONFIG_TASK_DELAY_ACCT"
        switch attempt {
        case .success where machine.tree.exists(DelayAccounting.path):
            return topic.ok("by delay accounting (kernel.task_delayacct), on while it is needed")
        case .failure(.notPermitted), .failure(.permissionDenied):
            return topic.limited(
                "refused: taskstats need root", consequence: consequence,
                fix: .command("sudo plumbline doctor"))
        case .success:
            return topic.missing(
                "this kernel has no kernel.task_delayacct", consequence: consequence,
                fix: ExaminedMachine.otherKernel(with: "\(options), from 5.14 on"))
        case .failure(let error):
            return topic.missing(
                "this kernel has no taskstats: \(error)", consequence: consequence,
                fix: ExaminedMachine.otherKernel(with: options))
        }
    }
}
