// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Testing

/// What looks for leavings sees some.
@Suite(.serialized, .disabled(if: Faults.missing != nil, "\(Faults.missing ?? "")"))
struct LeftoversTests {
    @Test func eachKindOfLeavingIsSeen() throws {
        let before = Leftovers.now()
        #expect(before.changes().isEmpty)
        let group = "/sys/fs/cgroup/plumbline-left"
        let file = "/tmp/plumbline-left-\(UInt32.random(in: 0 ... .max))"
        try SystemFile.makeDirectory(group)
        try SystemFile.makeDirectory(file)
        let process = try Command.spawn(
            ["sh", "-c", "sleep 20 | exec '\(Built.agent)'"],
            output: Descriptor.open("/dev/null", .write))
        defer {
            try? SystemFile.removeDirectory(group)
            try? SystemFile.removeDirectory(file)
            try? process.kill()
            _ = try? process.wait()
        }
        _ = try Command.run(["mount", "-t", "tmpfs", "plumbline-left", file])
        defer { _ = try? Command.run(["umount", file]) }
        let found = before.changes().joined(separator: "\n")
        for what in [
            "cgroup left: \(group)", "mount left: plumbline-left", "file left: \(file)",
            "process left: ",
        ] {
            #expect(found.contains(what), "\(found)")
        }
    }
}
