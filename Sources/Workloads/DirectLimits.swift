// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration
import Linux

/// The limits of this process that a direct-I/O cell runs into.
enum DirectLimits {
    /// Descriptors beside those that jobs open: the agent's own, and what comes and goes.
    private static let spare = 8

    /// Checks that the jobs can open a file and a ring each; raises the soft limit where it can.
    static func checkFiles(_ plan: DirectPlan) throws(PlumblineError) {
        let open = (try? SystemFile.list("/proc/self/fd").count) ?? 16
        let together = plan.workers == .thread ? plan.jobs : 1
        let needs = open + spare + 2 * together
        guard var limit = try? ResourceLimit.openFiles.current() else { return }
        if let soft = limit.soft, soft < needs {
            try? ResourceLimit.openFiles.raiseToHard()
            limit = (try? ResourceLimit.openFiles.current()) ?? limit
        }
        if let soft = limit.soft, soft < needs {
            throw .failure(
                "dio: \(plan.jobs) jobs need \(needs) open files, the limit is \(soft)",
                remedy: "run ulimit -n \(needs) beforehand, set workers=process, "
                    + "or a smaller numjobs")
        }
    }
}
