// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Machine

/// Where the memory controller is, and whether we may make a group under it.
enum CgroupCheck {
    static let topic = Topic(.memory, "memory_cgroup", title: "memory cgroup")

    /// Creates a group and removes it, recorded in the undo log meanwhile.
    ///
    /// - Returns: why it could not be created; nil when it was.
    static func tryOut(_ directory: String = StateDirectory.path) -> PlumblineError? {
        do {
            let changes = ChangeStack(try UndoLog(directory: directory))
            defer { changes.undoAll() }
            _ = try Cgroup.create(changes: changes)
            return nil
        } catch {
            return error
        }
    }

    static func finding(_ machine: ExaminedMachine, refusal: PlumblineError?) -> Finding {
        let consequence = "pressure=memcg does not work: the workload cannot be limited by itself"
        guard let hierarchy = MemoryHierarchy.find(in: machine.tree) else {
            return topic.missing(
                "no memory controller", consequence: consequence, fix: mounting(machine))
        }
        let place = "v\(hierarchy.version) at \(hierarchy.top)"
        guard let refusal else { return topic.ok("\(place): a group was created and removed") }
        // The message names the group's long path, the fact has named its place.
        let why = refusal.message.split(separator: ": ").last ?? ""
        return topic.limited(
            "\(place): cannot create a group: \(why)", consequence: consequence,
            fix: remedy(machine, version: hierarchy.version))
    }

    private static func remedy(_ machine: ExaminedMachine, version: Int) -> Remedy {
        if machine.isRoot {
            return .advice(
                "give this container write access to its cgroup: docker run --privileged")
        }
        return version == 2
            ? .command("systemd-run --user --scope -p Delegate=yes plumbline doctor")
            : .command("sudo plumbline doctor")
    }

    private static func mounting(_ machine: ExaminedMachine) -> Remedy {
        let line = (machine.tree.read("/proc/cgroups") ?? "").split(separator: "\n")
            .first { $0.hasPrefix("memory\t") }
        guard let line else { return ExaminedMachine.otherKernel(with: "CONFIG_MEMCG") }
        if line.hasSuffix("\t0") {
            return .advice("remove cgroup_disable=memory from the kernel command line")
        }
        return machine.asRoot("mount -t cgroup2 cgroup2 /sys/fs/cgroup")
    }
}
