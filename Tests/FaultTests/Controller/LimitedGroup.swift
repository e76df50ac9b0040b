// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import Machine
import TestSupport
import Testing

/// A memory cgroup of a test's own with a limit.
final class LimitedGroup {
    private let path: String
    private let limit: String

    /// Makes it below this process's group.
    init() throws {
        let hierarchy = try #require(MemoryHierarchy.find(), "there is no memory controller")
        path = "\(hierarchy.top)/faults-\(UInt32.random(in: 0 ... .max))"
        limit = hierarchy.version == 1 ? "memory.limit_in_bytes" : "memory.max"
        try SystemFile.makeDirectory(path)
    }

    deinit { try? SystemFile.removeDirectory(path) }

    /// Limits what its processes may take from now on.
    func limit(to bytes: Int) throws {
        try eventually("the group is empty") {
            (try? SystemFile.write("\(bytes)", to: "\(path)/\(limit)")) != nil
        }
    }

    /// Moves a process in.
    func enter(_ process: Int32) throws {
        try SystemFile.write("\(process)", to: "\(path)/cgroup.procs")
    }

    /// A program that runs its arguments in the group.
    var entering: [String] {
        ["sh", "-c", "echo $$ >'\(path)/cgroup.procs' && exec \"$0\" \"$@\""]
    }
}
