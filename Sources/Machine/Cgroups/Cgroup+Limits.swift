// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

extension Cgroup {
    /// Limits the members' memory, in bytes: `memory.max`, or v1's `memory.limit_in_bytes`.
    public func setLimit(_ bytes: Int) throws(PlumblineError) {
        try set(version == 1 ? "memory.limit_in_bytes" : "memory.max", bytes)
    }

    /// Limits the members' swap, in bytes; without swap accounting 0 is no error.
    ///
    /// v1 limits memory and swap together, so `setLimit` comes first. There, 0 sets
    /// `memory.swappiness` instead: with equal limits the kernel (6.18) refuses pages at the joint
    /// one, whose `failcnt` it does not count.
    public func setSwapLimit(_ bytes: Int) throws(PlumblineError) {
        if version == 1 {
            let limit = (try? SystemFile.readInteger("\(path)/memory.limit_in_bytes")) ?? 0
            try bytes == 0
                ? set("memory.swappiness", 0) : set("memory.memsw.limit_in_bytes", limit + bytes)
        } else if bytes > 0 || SystemFile.exists("\(path)/memory.swap.max") {
            try set("memory.swap.max", bytes)
        }
    }

    /// Throttles the members above this many bytes: `memory.high`, which v1 does not have.
    ///
    /// - Throws: `usage` on v1.
    public func setHigh(_ bytes: Int) throws(PlumblineError) {
        guard version == 2 else {
            throw .usage(
                "setting high: memory.high is not supported with cgroup v1",
                remedy: "remove high, or boot with systemd.unified_cgroup_hierarchy=1")
        }
        try set("memory.high", bytes)
    }

    private func set(_ name: String, _ bytes: Int) throws(PlumblineError) {
        VerboseLog.say("write '\(bytes)' to \(path)/\(name)")
        try attempting("cannot write \(bytes) to \(path)/\(name)") { () throws(Errno) in
            try SystemFile.write("\(bytes)", to: "\(path)/\(name)")
        }
    }
}

extension Cgroup {
    private static let limitFiles = [
        "memory.max", "memory.high", "memory.swap.max", "memory.limit_in_bytes",
        "memory.memsw.limit_in_bytes", "memory.swappiness",
    ]

    /// The values of the files that limit the members' memory; a file that there is not is absent.
    public var limits: [String: String] {
        var limits: [String: String] = [:]
        for file in Self.limitFiles {
            limits[file] = (try? SystemFile.read("\(path)/\(file)"))?.trimmed
        }
        return limits
    }

    /// Makes sure that the group is there and that its limits are these; no other file is read.
    ///
    /// - Throws: `failure` with the limit that was changed.
    public func checkLimits(_ wanted: [String: String]) throws(PlumblineError) {
        guard SystemFile.exists(path) else { throw .failure("the cgroup \(path) was removed") }
        for (file, value) in wanted.sorted(by: { $0.key < $1.key }) {
            let now = (try? SystemFile.read("\(path)/\(file)"))?.trimmed
            guard now != value else { continue }
            throw .failure("\(path)/\(file) was changed from \(value) to \(now ?? "nothing")")
        }
    }
}
