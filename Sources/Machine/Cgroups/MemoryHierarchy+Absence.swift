// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

extension MemoryHierarchy {
    /// Why `find` finds no memory controller in this tree, and how to get one.
    static func absence(in tree: SystemTree = .live) -> PlumblineError {
        let kernel = "boot with cgroup_enable=memory a kernel with CONFIG_MEMCG"
        let mounts = MountPoint.all(in: tree)
        if mounts.contains(where: { $0.type == "cgroup" }) {
            return .failure(
                "cgroup v1 is mounted without its memory controller",
                remedy: "mount -t cgroup -o memory cgroup /sys/fs/cgroup/memory, or \(kernel)")
        }
        if let unified = mounts.last(where: { $0.type == "cgroup2" }) {
            return .failure(
                "cgroup v2 at \(unified.path) has no memory controller",
                remedy: "\(kernel), or in a container have its host pass the controller on")
        }
        return .failure(
            "no cgroup file system is mounted",
            remedy: "mount -t cgroup2 cgroup2 /sys/fs/cgroup, or \(kernel)")
    }

    /// Refuses a kernel that does not charge its own memory, such as a pipe's pages, to groups.
    public static func checkCharging(in tree: SystemTree = .live) throws(PlumblineError) {
        let option = "cgroup.memory="
        let given = (tree.read("/proc/cmdline") ?? "").words.filter { $0.hasPrefix(option) }
        guard let word = given.first(where: { $0.contains("nokmem") }) else { return }
        let version = find(in: tree).map { " (cgroup v\($0.version))" } ?? ""
        throw .failure(
            "the kernel was booted with \(word)\(version), and charges none of its own memory",
            remedy: "boot without \(word)")
    }
}
