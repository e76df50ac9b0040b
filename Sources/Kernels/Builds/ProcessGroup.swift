// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// A process group: a program and what it has started.
struct ProcessGroup: Sendable {
    /// The process id of its leader.
    let id: Int32

    /// Whether a process of the group still runs; one that only waits to be reaped does not.
    ///
    /// Source: proc_pid_stat(5), fields 3 and 5.
    var isRunning: Bool {
        let processes = (try? SystemFile.list("/proc")) ?? []
        return processes.contains { process in
            guard Int32(process) != nil, let stat = try? SystemFile.read("/proc/\(process)/stat"),
                let close = stat.lastIndex(of: ")")
            else { return false }
            let fields = stat[stat.index(after: close)...].split(separator: " ")
            return fields.count > 2 && fields[2] == "\(id)" && !["Z", "X"].contains(fields[0])
        }
    }

    /// Waits until no process of the group runs, or until the time is over.
    func awaitEnd(within limit: Duration) async {
        let end = ContinuousClock.now + limit
        while isRunning, ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(50))
        }
    }
}
