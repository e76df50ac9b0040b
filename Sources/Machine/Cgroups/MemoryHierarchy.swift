// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// The mount of the memory controller's control groups, and this process's group.
public struct MemoryHierarchy: Sendable, Equatable {
    /// The version of the interface that has the memory controller: 1 or 2.
    public let version: Int
    /// The directory of the top group that is visible.
    public let top: String
    /// The directory of this process's group.
    public let own: String

    /// Reads `/proc/self/mountinfo` and `/proc/self/cgroup`; nil without a memory controller.
    ///
    /// When both versions are mounted, a v1 mount that names the controller has it, else v2 when
    /// its top group lists it.
    public static func find(in tree: SystemTree = .live) -> MemoryHierarchy? {
        let mounts = MountPoint.all(in: tree)
        let memberships = (tree.read("/proc/self/cgroup") ?? "").split(separator: "\n").map {
            $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(
                String.init)
        }.filter { $0.count == 3 }
        if let mount = mounts.last(where: { $0.type == "cgroup" && $0.options.contains("memory") })
        {
            let mine = memberships.first { $0[1].split(separator: ",").contains("memory") }
            return MemoryHierarchy(version: 1, mount: mount, group: mine?[2] ?? "/", in: tree)
        }
        let unified = mounts.last { mount in
            mount.type == "cgroup2"
                && (tree.read(mount.path + "/cgroup.controllers") ?? "").words.contains("memory")
        }
        guard let unified else { return nil }
        let mine = memberships.first { $0[0] == "0" }
        return MemoryHierarchy(version: 2, mount: unified, group: mine?[2] ?? "/", in: tree)
    }

    private init(version: Int, mount: MountPoint, group: String, in tree: SystemTree) {
        self.version = version
        top = tree.path(mount.path)
        // In a container the path may begin with the mount's root.
        var below = group
        if mount.root != "/", below == mount.root || below.hasPrefix(mount.root + "/") {
            below.removeFirst(mount.root.count)
        }
        let isOutside = below.split(separator: "/").contains("..")
        own = isOutside || below == "/" || below.isEmpty ? top : top + below
    }

    /// The directories of the groups from this process's own to the top.
    public var ancestry: [String] {
        var groups = [own]
        while let last = groups.last, last != top, last.hasPrefix(top + "/"),
            let slash = last.lastIndex(of: "/")
        {
            groups.append(String(last[..<slash]))
        }
        return groups
    }

    /// Bytes that this process's groups still allow, page cache counted as free; nil without a
    /// limit.
    public var headroom: Int? {
        ancestry.compactMap { group -> Int? in
            let limit = version == 1 ? "memory.limit_in_bytes" : "memory.max"
            let usage = version == 1 ? "memory.usage_in_bytes" : "memory.current"
            // v1's "no limit" is a number near Int64.max, v2's a word.
            guard let most = try? SystemFile.readInteger("\(group)/\(limit)"), most < 1 << 60,
                let used = try? SystemFile.readInteger("\(group)/\(usage)"),
                let stat = try? SystemFile.readBytes("\(group)/memory.stat")
            else { return nil }
            let prefix = version == 1 ? "total_" : ""
            let counters = CounterText.pairs(stat) { $0.hasSuffix("active_file") }
            let cache =
                (counters[prefix + "inactive_file"] ?? 0) + (counters[prefix + "active_file"] ?? 0)
            return max(0, most - used + Int(cache))
        }.min()
    }
}
