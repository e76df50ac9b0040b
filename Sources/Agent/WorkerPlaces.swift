// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine

/// The CPUs and the control group that workers had when they were prepared, which the kernel or
/// another program may change unasked.
///
/// A thread that is held to a CPU which goes offline may run anywhere from then on, also when the
/// CPU is back: `select_fallback_rq()` of kernel/sched/core.c.
struct WorkerPlaces {
    private let processes: [Int32]
    private let group: Cgroup?
    /// By thread.
    private let cpus: [Int32: CPUSet]

    /// The places that these processes have now.
    init(of processes: [Int32], in group: Cgroup?) {
        self.processes = processes
        self.group = group
        var cpus: [Int32: CPUSet] = [:]
        for process in processes {
            for name in SystemTree.live.list("/proc/\(process)/task") {
                guard let thread = Int32(name) else { continue }
                cpus[thread] = try? CPUSet.allowed(toThread: thread)
            }
        }
        self.cpus = cpus
    }

    /// A thread that may run on other CPUs now, in words; nil while there is none.
    ///
    /// Threads that have ended are left out.
    var cpuChange: String? {
        for (thread, before) in cpus {
            guard let now = try? CPUSet.allowed(toThread: thread), now != before else { continue }
            return "a worker's CPUs changed from \(before) to \(now)"
        }
        return nil
    }

    /// A process that has left the group, in words; nil while there is none.
    var groupChange: String? {
        guard let group else { return nil }
        guard SystemFile.exists(group.path) else { return "the cgroup \(group.path) was removed" }
        let members = Set(group.members)
        let gone = processes.count { !members.contains($0) }
        guard gone > 0 else { return nil }
        return "\(Decimal.count(gone, "worker")) moved out of the cgroup \(group.path)"
    }
}

/// The CPUs that this process may run on, and what became of them.
struct OwnCPUs {
    private let before = try? CPUSet.allowed()

    /// How they changed, in words; nil while they have not.
    var change: String? {
        guard let before, let now = try? CPUSet.allowed(), now != before else { return nil }
        let gone = CPUSet(before.cpus.filter { !now.contains($0) })
        return gone.isEmpty
            ? "the agent's CPUs changed from \(before) to \(now)"
            : "CPU \(gone) went offline, or somebody took it from the agent (its CPUs were \(before))"
    }
}
