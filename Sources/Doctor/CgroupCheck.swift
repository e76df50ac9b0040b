// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Machine

/// Where the memory controller is, and whether we may make a group under it.
enum CgroupCheck {
    static let topic = Topic(.memory, "memory_cgroup", "memory cgroup")

    /// Makes a group and takes it away again, on record in an undo log meanwhile.
    ///
    /// - Returns: why it could not be made; nil when it could.
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

    /// Judges what the machine mounts and what came of making a group.
    static func finding(_ machine: ExaminedMachine, refusal: PlumblineError?) -> Finding {
        let consequence = "no memcg pressure: a limit on the workload alone cannot be set"
        guard let hierarchy = MemoryHierarchy.find(in: machine.tree) else {
            return topic.missing("no memory controller", consequence, mounting(machine))
        }
        let place = "v\(hierarchy.version) at \(hierarchy.top)"
        guard let refusal else { return topic.ok("\(place): a group was made and removed") }
        // The message names the group's long path, the fact has named its place.
        let why = refusal.message.split(separator: ": ").last ?? ""
        return topic.limited(
            "\(place): no group may be made: \(why)", consequence,
            remedy(machine, version: hierarchy.version))
    }

    private static func remedy(_ machine: ExaminedMachine, version: Int) -> Remedy {
        if machine.isRoot {
            return .advice("let this container write its cgroup: docker run --privileged")
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
            return .advice("take cgroup_disable=memory off the kernel's command line")
        }
        return machine.asRoot("mount -t cgroup2 cgroup2 /sys/fs/cgroup")
    }
}
