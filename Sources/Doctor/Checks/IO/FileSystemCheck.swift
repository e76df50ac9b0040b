// SPDX-License-Identifier: GPL-3.0-or-later

/// Which file systems the kernel mounts.
enum FileSystemCheck {
    static let names = ["ext4", "xfs"]

    static func finding(_ machine: ExaminedMachine, _ name: String) -> Finding {
        let topic = Topic(.io, name)
        let known = (machine.tree.read("/proc/filesystems") ?? "").split(separator: "\n")
            .contains { $0.split(separator: "\t").last.map { $0 == name } ?? false }
        if known { return topic.ok("in this kernel") }
        if machine.canLoadModule(name) { return topic.ok("a module, loaded by mount") }
        return topic.missing(
            "not in this kernel", consequence: "cells on storage with \(name) do not run",
            fix: ExaminedMachine.otherKernel(with: "CONFIG_\(name.uppercased())_FS"))
    }
}
