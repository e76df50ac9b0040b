// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// Where the memory controller's control groups are mounted and which one this process is in.
public struct MemoryHierarchy: Sendable, Equatable {
    /// 1 or 2: the generation of the interface that has the memory controller.
    public let version: Int
    /// The directory of the uppermost group that can be seen.
    public let top: String
    /// The directory of this process's own group.
    public let own: String

    /// Looks in `/proc/self/mountinfo` and `/proc/self/cgroup`; nil without a memory controller.
    ///
    /// Where both generations are mounted, the controller is where it was bound first: v1 when a
    /// v1 mount names it, else v2 when its top group lists it.
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
        // A container sees the mount's root and not always a path below it.
        var below = group
        if mount.root != "/", below == mount.root || below.hasPrefix(mount.root + "/") {
            below.removeFirst(mount.root.count)
        }
        let isOutside = below.split(separator: "/").contains("..")
        own = isOutside || below == "/" || below.isEmpty ? top : top + below
    }

    /// The groups from this process's own to the uppermost, as directories.
    public var ancestry: [String] {
        var groups = [own]
        while let last = groups.last, last != top, last.hasPrefix(top + "/"),
            let slash = last.lastIndex(of: "/")
        {
            groups.append(String(last[..<slash]))
        }
        return groups
    }

    /// Bytes that this process's groups still let it take, page cache counted as free; nil without
    /// a limit.
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
